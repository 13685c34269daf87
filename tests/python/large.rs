//! A side module of more than 8 MiB, which Chrome compiles on a page only asynchronously.

use pyodide_pack::PythonFiles;
use support::wheels::{wheel_name, wheel_of_bytes};
use support::{App, Route, build, builder, run, tmp};

/// More than the limit of 8 MiB.
const PADDING: usize = 9 << 20;

/// Returns a number in WebAssembly's variable length.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

fn block(content: &[u8]) -> Vec<u8> {
    [&number(content.len()), content].concat()
}

fn section(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind][..], &block(content)].concat()
}

/// Returns the lists of one string each that `dylink.0` has.
fn list(strings: &[&str]) -> Vec<u8> {
    let strings = strings.iter().flat_map(|text| block(text.as_bytes()));
    number(strings.clone().count().min(1)).into_iter().chain(strings).collect()
}

/// Returns a side module that is a Python module without content. It links to `needed` beside it.
fn side_module(name: &str, needed: Option<&str>, padding: usize) -> Vec<u8> {
    /// Where the module's memory has its name, after its `PyModuleDef`.
    const NAME: u8 = 64;
    let mut dylink = block(b"dylink.0");
    // 128 bytes of memory, aligned to 16, and no functions in the table.
    dylink.extend(section(1, &[&number(128)[..], &[4, 0, 0]].concat()));
    if let Some(library) = needed {
        dylink.extend(section(2, &list(&[library])));
        dylink.extend(section(5, &list(&["$ORIGIN"])));
    }
    let import = |name: &str, kind: &[u8]| [&block(b"env"), &block(name.as_bytes()), kind].concat();
    let imports = [
        vec![3],
        import("memory", &[2, 0, 1]),
        import("__memory_base", &[3, 0x7f, 0]),
        import("PyModule_Create2", &[0, 0]),
    ];
    // base.m_name = base + NAME; base.m_size = -1; return PyModule_Create2(base, 3)
    let code = [
        &[0, 0x23, 0, 0x23, 0, 0x41, 0xc0, 0, 0x6a, 0x36, 2, 20][..],
        &[0x23, 0, 0x41, 0x7f, 0x36, 2, 28, 0x23, 0, 0x41, 3, 0x10, 0, 0x0b],
    ];
    let mut data = vec![0; usize::from(NAME)];
    data.extend([name.as_bytes(), b"\0"].concat());
    let export = [&block(format!("PyInit_{name}").as_bytes())[..], &[0, 1]].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(section(0, &dylink));
    // Types: two numbers to a number; nothing to a number.
    module.extend(section(1, &[2, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f]));
    module.extend(section(2, &imports.concat()));
    module.extend(section(3, &[1, 1]));
    module.extend(section(7, &[&[1][..], &export].concat()));
    module.extend(section(10, &[&[1][..], &block(&code.concat())].concat()));
    module.extend(section(11, &[&[1, 0, 0x23, 0, 0x0b][..], &block(&data)].concat()));
    if padding > 0 {
        module.extend(section(0, &[block(b"padding"), vec![0; padding]].concat()));
    }
    module
}

/// Builds an app that imports neither module, and leaves its outputs for `tests/browser/large.mjs`.
fn outputs(name: &str, eager: &[&str]) -> std::path::PathBuf {
    let app = App::new("print('traced')\n");
    let (vast, near) =
        (side_module("vast", None, PADDING), side_module("near", Some("vast.so"), 0));
    let files: [(&str, &[u8]); 2] = [("vast.so", &vast), ("near.so", &near)];
    let wheel = wheel_of_bytes("large", "", "", &files);
    app.file(&format!("wheels/{}", wheel_name("large")), wheel);
    let out = tmp().join("large").join(name);
    let builder = builder(app.dir("app"), &out).requires(["large"]).find_links(app.dir("wheels"));
    let builder = eager.iter().fold(builder, |builder, glob| builder.eager(*glob));
    build(builder.python_files(PythonFiles::bytecode()));
    out
}

#[test]
fn large_side_modules_are_imported() {
    for (name, eager) in [("lazy", &[][..]), ("eager", &["vast.so"])] {
        let out = outputs(name, eager);
        let ran =
            run(&out, Route::Loader, "import near, vast\nprint(near.__name__, vast.__file__)");
        assert_eq!(ran.error, None);
        assert_eq!(ran.stdout, "near /lib/python3.14/site-packages/vast.so\n");
    }
}
