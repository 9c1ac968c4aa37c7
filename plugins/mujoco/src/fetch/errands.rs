//! The four errands: reach, push, slide, and pick and place.

use plugin_api::prelude::*;

use super::{Errand, Plan};

/// Where the thing of two of the worlds lies at first.
const ON_THE_TABLE: [f64; 3] = [1.25, 0.53, 0.4];

const PUSH: Plan = Plan {
    model: "push.xml",
    base: [0.405, 0.48, 0.0],
    object: Some(ON_THE_TABLE),
    raised: 0.0,
    grips: false,
    in_the_air: false,
    goal_offset: 0.0,
    object_range: 0.15,
    goal_range: 0.15,
};

/// Declares a world and its twin with dense rewards.
macro_rules! errand {
    ($errand:ident $name:literal $dense:literal $about:literal $plan:expr) => {
        #[doc = $about]
        #[derive(Clone, Copy, Debug)]
        pub struct $errand;

        impl Errand for $errand {
            const NAME: &'static str = $name;
            const VARIANTS: &'static [Variant] =
                &[Variant { name: $dense, params: &[("reward_type", "dense")] }];
            const PLAN: Plan = $plan;
        }
    };
}

errand! {
    Reach "FetchReach-v4" "FetchReachDense-v4" "Bring the gripper to a place." Plan {
        model: "reach.xml",
        base: [0.4049, 0.48, 0.0],
        object: None,
        raised: 0.2,
        ..PUSH
    }
}

errand! {
    Push "FetchPush-v4" "FetchPushDense-v4" "Push a block to a place on the table." PUSH
}

errand! {
    Slide "FetchSlide-v4" "FetchSlideDense-v4" "Hit a puck so that it slides to a place." Plan {
        model: "slide.xml",
        base: [0.05, 0.48, 0.0],
        object: Some([1.7, 1.1, 0.41]),
        raised: -0.02,
        goal_offset: 0.4,
        object_range: 0.1,
        goal_range: 0.3,
        ..PUSH
    }
}

errand! {
    PickAndPlace "FetchPickAndPlace-v4" "FetchPickAndPlaceDense-v4"
    "Bring a block to a place on the table or in the air." Plan {
        model: "pick_and_place.xml",
        raised: 0.2,
        grips: true,
        in_the_air: true,
        ..PUSH
    }
}
