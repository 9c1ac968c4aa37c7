//! Plugin files of every kind, sound and hostile, on their way into the bench.

mod cache;
mod manifest;
mod probe;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::{Duration, Instant},
};

use thorndike_engine::plugin::{
    cache::{self as caches, Cache},
    discover::{self, Place, places},
    probe::Prober,
    survey::{self, Survey, survey},
};

use crate::fixture::{Folder, MANIFEST, compile, manifest_code, plugin};
use probe::prober;

const API: u16 = 1;

/// A sound plugin of a few hundred kilobytes.
fn sound() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = Folder::new();
        let path = folder.file("sound.so");
        let code = format!(
            "{}char ballast[300000] = {{1}};\n\
             const char *toy_descriptor(void) {{ return \"sound\"; }}\n",
            manifest_code(MANIFEST)
        );
        compile(&code, &path, &[]);
        fs::read(path).expect("the compiler wrote it")
    })
}

/// A prober whose children must never be started.
fn no_prober() -> Prober {
    Prober { program: "/nowhere".into(), arguments: Vec::new() }
}

fn cache_in(folder: &Folder) -> Cache {
    Cache::open(&folder.file("cache"), "this build").expect("the folder is ours")
}

fn place(folder: &Folder) -> Vec<Place> {
    vec![Place { folder: folder.0.clone(), named: true }]
}

#[test]
fn places_come_in_their_order_and_once() {
    let variable = |name: &str| match name {
        "THORNDIKE_PLUGINS" => Some("/listed:/given::/other".into()),
        "XDG_DATA_HOME" => Some("not/absolute".into()),
        "HOME" => Some("/people/me".into()),
        _ => None,
    };
    let found = places(&["/given".into()], Some(Path::new("/opt/bin/thorndike")), variable);
    let named = |place: &Place| (place.folder.to_str().expect("plain").to_owned(), place.named);
    let expected = [
        ("/given", true),
        ("/listed", true),
        ("/other", true),
        ("/opt/bin", false),
        ("/opt/bin/plugins", false),
        ("/people/me/.local/share/thorndike/plugins", false),
    ];
    let found: Vec<(String, bool)> = found.iter().map(named).collect();
    assert_eq!(found, expected.map(|(folder, named)| (folder.to_owned(), named)));
    let folder = |name, value: &'static str| {
        caches::folder(move |asked| (asked == name).then(|| value.into()))
    };
    assert_eq!(folder("THORNDIKE_CACHE", "/there"), Some(PathBuf::from("/there")));
    assert_eq!(folder("XDG_CACHE_HOME", "/caches"), Some(PathBuf::from("/caches/thorndike")));
    assert_eq!(folder("HOME", "/people/me"), Some(PathBuf::from("/people/me/.cache/thorndike")));
    assert_eq!(folder("OTHER", "/"), None);
}

#[test]
fn files_come_by_place_and_name_and_equal_ones_once() {
    let (first, second) = (Folder::new(), Folder::new());
    let other = [sound(), b"!"].concat();
    fs::write(first.file("b.so"), sound()).expect("new");
    fs::write(first.file("c.so"), sound()).expect("new");
    fs::write(first.file("notes.txt"), "no candidate").expect("new");
    fs::write(second.file("a.so"), sound()).expect("new");
    fs::write(second.file("0.so"), other).expect("new");
    let cache = cache_in(&first);
    let mut places = [place(&first), place(&second)].concat();
    places.push(Place { folder: "/nowhere".into(), named: false });
    places.push(Place { folder: "/nowhere".into(), named: true });
    places.push(Place { folder: first.file("b.so"), named: true });
    for _ in 0..2 {
        let found = discover::discover(&places, &cache, API);
        let paths: Vec<&PathBuf> = found.candidates.iter().map(|found| &found.path).collect();
        assert_eq!(paths, [&first.file("b.so"), &second.file("0.so")]);
        assert_eq!(found.candidates[0].also, [first.file("c.so"), second.file("a.so")]);
        let lines: Vec<String> = found.rejected.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], "/nowhere cannot be read: no such file");
        assert!(lines[1].contains("cannot be read: "), "{}", lines[1]);
    }
}

#[track_caller]
fn survey_one(folder: &Folder) -> Survey {
    survey(&place(folder), &cache_in(folder), &prober(), API)
}

#[test]
fn hostile_files_cost_a_line_and_the_rest_is_listed() {
    let folder = Folder::new();
    plugin(&folder.file("aborts.so"), "", "abort();");
    plugin(&folder.file("exits.so"), "", "exit(0);");
    plugin(&folder.file("sound.so"), "sound", "");
    fs::write(folder.file("text.so"), "text").expect("new");
    for _ in 0..2 {
        let found = survey_one(&folder);
        assert_eq!(found.plugins.len(), 1);
        assert_eq!(found.plugins[0].descriptor.as_deref(), Some(&b"sound"[..]));
        let mut lines = found.rejected.iter().map(|line| line.reason.as_str());
        assert_eq!(lines.next(), Some("is not a shared library"));
        assert!(lines.next().is_some_and(|line| line.starts_with("crashed with SIGABRT when")));
        assert!(lines.next().is_some_and(|line| line.starts_with("ended the process with code 0")));
        assert_eq!(lines.next(), None);
    }
}

/// A plugin that needs a library which is gone by the time it is opened.
fn orphan(folder: &Folder, manifest: &str) {
    let needed = folder.file("libtorch_cpu.so");
    compile("int torch(void) { return 1; }", &needed, &[]);
    let code = format!(
        "{}int torch(void); int calls(void) {{ return torch(); }}",
        manifest_code(manifest)
    );
    compile(&code, &folder.file("orphan.so"), &[needed.to_str().expect("a plain path")]);
    fs::remove_file(needed).expect("just made");
}

#[test]
fn fault_12_a_missing_library_is_named() {
    let folder = Folder::new();
    orphan(&folder, MANIFEST);
    let found = survey_one(&folder);
    assert_eq!(
        found.rejected[0].reason,
        "needs a library that is not there: libtorch_cpu.so not found"
    );
}

#[test]
fn fault_12_a_heavy_plugin_is_opened_only_when_it_is_chosen() {
    let folder = Folder::new();
    orphan(&folder, &MANIFEST.replace("needs: []", "needs: [\"libtorch 2.13\"]"));
    let found = survey(&place(&folder), &cache_in(&folder), &no_prober(), API);
    assert!(found.rejected.is_empty(), "{:?}", found.rejected);
    assert_eq!(found.plugins[0].descriptor, None);
    let chosen = survey::describe(&found.plugins[0].candidate, &cache_in(&folder), &prober());
    assert_eq!(chosen, Err("needs libtorch 2.13: libtorch_cpu.so not found".into()));
}

#[test]
fn two_hundred_plugins_are_listed_within_half_a_second_from_a_warm_cache() {
    let folder = Folder::new();
    // A description as long as that of a library with a dozen worlds.
    let descriptor = "(name: 'Toy-v0', unit: 'm', doc: 'what it is') ".repeat(400);
    plugin(&folder.file("0.so"), &descriptor, "");
    let bytes = fs::read(folder.file("0.so")).expect("just made");
    for number in 1..200 {
        let mut file = File::create(folder.file(&format!("{number}.so"))).expect("new");
        file.write_all(&bytes).expect("disk has room");
        writeln!(file, "{number}").expect("disk has room");
    }
    let begin = Instant::now();
    assert_eq!(survey_one(&folder).plugins.len(), 200);
    let cold = begin.elapsed();
    let warm = || {
        let begin = Instant::now();
        let found = survey(&place(&folder), &cache_in(&folder), &no_prober(), API);
        assert_eq!(found.plugins.len(), 200);
        begin.elapsed()
    };
    // The first start after a change hashes again what may have changed in the same instant.
    let warm = [warm(), warm(), warm()];
    println!("200 plugins: cold {cold:?}, warm {warm:?}");
    assert!(warm.iter().all(|warm| *warm <= Duration::from_millis(500)), "{warm:?}");
}
