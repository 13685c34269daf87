//! What a Python program sees in a bundle: what it sees in plain Pyodide.

mod calls;
mod fidelity;
mod files;
mod lazy;
mod modes;
mod own_tests;
mod packages;
mod versions;
