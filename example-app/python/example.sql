SELECT
  region,
  strftime(sold_at, '%Y-%m') AS month,
  sum(amount) AS revenue,
  string_agg(product, ', ') AS products
FROM sales
WHERE sold_at >= TIMESTAMP '2026-01-01' AND status = 'paid'
GROUP BY region, strftime(sold_at, '%Y-%m')
ORDER BY revenue DESC NULLS LAST
LIMIT 10
