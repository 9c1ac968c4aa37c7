//! `bench`: figures come out, and what cannot be measured says why.

use crate::desk::{Desk, json};

#[test]
fn speeds_are_measured() {
    let desk = Desk::new();
    let line = &json(&desk.prints("bench env FrozenLake-v1 --lanes 64 --json"))[0];
    assert_eq!((&line["env"], &line["lanes"]), (&"toy-text:FrozenLake-v1".into(), &64.into()));
    assert!(line["steps_per_s"].as_f64().is_some_and(|speed| speed > 1e4), "{line}");
    let lines = json(&desk.prints("bench abi --json"));
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| line["plugin_ns"].as_f64() > Some(0.0)));
}

#[test]
fn a_missing_python_is_named() {
    let desk = Desk::new();
    let mut command = desk.command("bench parity CartPole-v1 --episodes 1");
    let output = command.env("THORNDIKE_PYTHON", "/nowhere/python").output().expect("it starts");
    let ran = crate::desk::ran(output);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot start /nowhere/python"), "{}", ran.err);
}

#[test]
fn worlds_are_compared_with_what_python_says() {
    let desk = Desk::new();
    // A Python that plays one step of FrozenLake, and ones that lie about the reward or an info.
    let step = |reward: f64, prob: f64| {
        let [zero, reward, prob] =
            [0.0, reward, prob].map(|number: f64| format!("{:016x}", number.to_bits()));
        format!(
            "#!/bin/sh\n\
             echo '{{\"event\":\"version\",\"gymnasium\":\"0\"}}'\n\
             echo '{{\"event\":\"reset\",\"obs\":\"{zero}\"}}'\n\
             echo '{{\"event\":\"step\",\"action\":\"{zero}\",\"obs\":\"{zero}\",\
             \"flags\":0,\"reward\":\"{reward}\",\"infos\":\"{prob}\"}}'\n"
        )
    };
    let compare = |text: &str| {
        desk.write("python", text);
        let file = desk.0.join("python");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&file, mode).expect("it is ours");
        let mut command = desk.command("bench parity FrozenLake-v1 --env-set is_slippery=false");
        let output = command.env("THORNDIKE_PYTHON", &file).output().expect("it starts");
        crate::desk::ran(output)
    };
    let same = compare(&step(0.0, 1.0));
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(same.out.contains("1 episodes, 1 steps, equal to the last bit"), "{}", same.out);
    let other = compare(&step(1.0, 1.0));
    assert_eq!(other.code, 1);
    assert!(other.out.contains("1 outcomes and 0 observations differ"), "{}", other.out);
    let less = compare(&step(0.0, 0.5));
    assert!(less.code == 1 && less.out.contains("1 outcomes"), "{}", less.out);
    // What Gymnasium does not tell is not compared.
    assert_eq!(compare(&step(0.0, f64::NAN)).code, 0);
    let broken = compare("#!/bin/sh\necho 'ImportError: gymnasium' >&2\nexit 1\n");
    assert_eq!(broken.code, 1);
    assert!(broken.err.contains("ImportError: gymnasium"), "{}", broken.err);
    let odd = compare("#!/bin/sh\necho hello\n");
    assert!(odd.code == 1 && odd.err.contains("said something else: hello"), "{}", odd.err);
}
