//! A Python program behaves in a bundle as in plain Pyodide.

mod apps;
mod calls;
mod fidelity;
mod files;
mod large;
mod lazy;
mod modes;
mod own_tests;
mod packages;
mod snapshots;
mod split;
mod versions;
