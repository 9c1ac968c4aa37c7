//! Random lakes equal to those of Gymnasium, and settings that make no lake.

use plugin_api::prelude::*;
use toy_text::frozen_lake::{FrozenLake, LakeParams};
use toy_text::lake_map::{parse, random};

#[test]
fn random_lakes_are_gymnasiums() {
    let mut lakes = 0;
    for line in include_str!("../golden/maps.txt").lines() {
        let [size, chance, seed, map] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a lake has four fields: {line}");
        };
        let size = size.parse().expect("a size");
        let chance = chance.parse().expect("a chance");
        let lake = random(size, chance, seed.parse().expect("a seed")).expect("a lake");
        assert_eq!(lake, parse(map).expect("a lake"), "{size} {chance} {seed}");
        lakes += 1;
    }
    assert_eq!(lakes, 54);
}

#[test]
fn settings_that_make_no_lake_are_explained() {
    let wrong = [
        (LakeParams { desc: "SF/F".into(), ..LakeParams::default() }, "row 1"),
        (LakeParams { desc: "SX".into(), ..LakeParams::default() }, "S start, F frozen"),
        (LakeParams { desc: "FG".into(), ..LakeParams::default() }, "mark a tile with S"),
        (LakeParams { reward_schedule: vec![1.0], ..LakeParams::default() }, "give three"),
        (
            LakeParams { map_name: "random".into(), map_p: 0.0, ..LakeParams::default() },
            "raise map_p",
        ),
    ];
    for (params, part) in wrong {
        let error = FrozenLake::new(&params, 1).expect_err("no lake");
        assert!(error.message.contains(part), "{error}");
    }
}
