//! The shared cache: machines that share builds through a real nginx, and servers that fail.

mod failures;
mod machine;
mod nginx;
mod script;
mod sharing;
mod store;
