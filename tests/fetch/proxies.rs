//! Which requests of `fetch.mjs` go to a proxy.

use crate::fetch::job::{BODY, Job};
use crate::fetch::server::{Answer, Server};

#[test]
fn no_proxy_is_respected() {
    let proxy = Server::new(|_, _| Answer::ok(BODY));
    let server = Server::new(|_, _| Answer::ok(BODY));
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    let cases = [
        ("", false),
        ("*", true),
        ("example.org, 127.0.0.1", true),
        ("127.0.0.0/8", true),
        ("10.0.0.0/8,::1/128,::1", false),
        (&format!("127.0.0.1:{port}"), true),
        ("127.0.0.1:1", false),
        ("0.0.1", false),
    ];
    for (list, direct) in cases {
        let (before, at_proxy) = (server.requests().len(), proxy.requests().len());
        let job = Job::new(&server.url(), &["a"]).env("NO_PROXY", list);
        job.env("http_proxy", proxy.address()).works();
        let asked = server.requests().len() > before;
        assert_eq!(asked, direct, "NO_PROXY={list}");
        assert_eq!(proxy.requests().len() > at_proxy, !direct, "NO_PROXY={list}");
    }
    for (list, direct) in
        [("example.org", true), (".b.example.org", true), ("c.example.org", false)]
    {
        let job = Job::new("http://a.b.example.org.invalid/", &["a"]);
        let job = job.env("NO_PROXY", list.replace(".org", ".org.invalid"));
        let outcome = job.env("ALL_PROXY", format!("http://{}", proxy.address())).run();
        assert_eq!(outcome[0].contains("ENOTFOUND") || outcome[0].contains("EAI_AGAIN"), direct);
    }
    let job = Job::new(&server.url(), &["a"]).env("HTTP_PROXY", "socks5://127.0.0.1:1");
    assert_eq!(
        job.fails(),
        "HTTP_PROXY is a proxy of the kind socks5:; only http: and https: work"
    );
}
