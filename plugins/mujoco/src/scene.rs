//! Bodies as they look from the side, from above, or from a corner: shapes for a terminal, pixels
//! for a film where the machine can draw them.

use std::sync::Once;

use libmujoco::studio::{SIZE, Shot};
use libmujoco::{Numbers, Simulation};
use plugin_api::prelude::*;
use plugin_api::scene::is_for_film;

/// From where a world is seen, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// From where.
    pub from: From,
    /// Height of what is visible.
    pub height: f32,
    /// The body in the middle; the world itself stays where it is.
    pub body: usize,
}

/// A direction to look from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Along y.
    Side,
    /// Down.
    Above,
    /// Down on a corner.
    Corner,
    /// Down on who faces along x.
    Front,
}

const PLANE: i32 = 0;
const SPHERE: i32 = 2;
const CAPSULE: i32 = 3;
const CYLINDER: i32 = 5;
const BOX: i32 = 6;
const MESH: i32 = 7;

/// What is fainter than this is left out: marks for whoever made the model.
const FAINT: f32 = 0.2;

/// How thick a limb is drawn whose shape is a mesh.
const LIMB: f32 = 0.04;

const SKY: Color = Color(214, 226, 240);
const GROUND: Color = Color(120, 132, 120);

impl From {
    /// Where a point is seen.
    pub(crate) fn project(self, [x, y, z]: [f64; 3]) -> [f32; 2] {
        match self {
            Self::Side => [x as f32, z as f32],
            Self::Above => [x as f32, y as f32],
            Self::Front => [(0.74 * x + 0.67 * y) as f32, (0.18 * y - 0.16 * x + 0.97 * z) as f32],
            Self::Corner => [(0.87 * x - 0.5 * y) as f32, (0.25 * x + 0.43 * y + 0.87 * z) as f32],
        }
    }
}

/// Draws a moment that nobody else needs any more; `mark` changes what only pixels show, such as
/// the place of a goal. True where shapes were drawn, to which more may be added.
pub(crate) fn draw(
    mut now: Simulation,
    view: View,
    scene: &mut Scene,
    mark: impl FnOnce(&mut Simulation),
) -> bool {
    if is_for_film() {
        // Lights and cameras follow, too.
        now.forward();
        mark(&mut now);
        match now.picture(&view.shot(&now)) {
            Ok(pixels) => {
                scene.pixels(SIZE.0, SIZE.1, pixels);
                return false;
            }
            Err(error) => say_once(&error),
        }
    }
    // Where things are is computed anew: the library has it as of a moment ago.
    now.kinematics();
    project(&now, view, scene);
    true
}

/// Says why a film shows shapes.
fn say_once(error: &Error) {
    static SAID: Once = Once::new();
    const NOTE: u32 = 3;
    SAID.call_once(|| {
        plugin_api::host_log(NOTE, &format!("{error}; films show shapes instead of pixels"));
    });
}

impl View {
    /// The same view for MuJoCo's camera, whose field is 45 degrees high.
    fn shot(self, now: &Simulation) -> Shot {
        let middle = &now.get(Numbers::Xpos)[3 * self.body..][..3];
        let mut look_at = [middle[0], middle[1], middle[2]];
        if self.from == From::Side {
            // The ground stays where it is.
            look_at[2] = 0.4 * f64::from(self.height);
        }
        let (azimuth, elevation) = match self.from {
            From::Side => (90.0, -8.0),
            From::Above => (90.0, -90.0),
            From::Corner => (60.0, -30.0),
            From::Front => (132.0, -14.0),
        };
        let distance = f64::from(self.height) / (2.0 * (std::f64::consts::PI / 8.0).tan());
        Shot { look_at, distance, azimuth, elevation }
    }
}

/// Draws all shapes but planes, which become a line, and meshes, which become limbs from joint to
/// joint.
fn project(now: &Simulation, view: View, scene: &mut Scene) {
    let points = |numbers| now.get(numbers).chunks_exact(3).map(|p| [p[0], p[1], p[2]]);
    let middle = points(Numbers::Xpos).nth(view.body).unwrap_or_default();
    let [x, y] = view.from.project(middle);
    let (half, aspect) = (view.height / 2.0, 1.5);
    let bottom = if view.from == From::Side { -0.1 * view.height } else { y - half };
    let (left, right) = (x - aspect * half, x + aspect * half);
    scene.view(left, bottom, right, bottom + view.height);
    scene.rect([left, bottom], [right - left, view.height], SKY);
    let model = now.model();
    let turns = now.get(Numbers::GeomXmat).chunks_exact(9);
    let sizes = model.geom_size().chunks_exact(3);
    let colors = model.geom_color().chunks_exact(4);
    let limbs = limbs(now);
    let shapes = model.geom_type().iter().zip(points(Numbers::GeomXpos)).zip(turns);
    for ((((kind, at), turn), limb), (size, color)) in shapes.zip(limbs).zip(sizes.zip(colors)) {
        if color[3] < FAINT {
            continue;
        }
        let [red, green, blue] = [0, 1, 2].map(|part| (255.0 * color[part]) as u8);
        let color = Color(red, green, blue);
        let axis =
            |column: usize, length: f64| [0, 1, 2].map(|row| length * turn[3 * row + column]);
        match *kind {
            PLANE if view.from == From::Side => {
                scene.line([left, at[2] as f32], [right, at[2] as f32], GROUND);
            }
            SPHERE => {
                scene.disc(view.from.project(at), size[0] as f32, color);
            }
            CAPSULE | CYLINDER => {
                let along = axis(2, size[1]);
                let ends = [1.0, -1.0].map(|side| {
                    view.from.project([0, 1, 2].map(|part| at[part] + side * along[part]))
                });
                draw_rod(ends, size[0] as f32, *kind == CAPSULE, color, scene);
            }
            BOX => draw_box(at, [0, 1, 2].map(|part| axis(part, size[part])), view, color, scene),
            MESH => {
                if let Some(ends) = limb {
                    draw_rod(ends.map(|end| view.from.project(end)), LIMB, true, color, scene);
                }
            }
            _ => {}
        }
    }
}

/// For each shape, where its body is and where the one is that it hangs on; `None` for bodies that
/// hang on the world.
fn limbs(now: &Simulation) -> Vec<Option<[[f64; 3]; 2]>> {
    let (model, places) = (now.model(), now.get(Numbers::Xpos));
    let place = |body: usize| [0, 1, 2].map(|part| places[3 * body + part]);
    let limb = |&body: &i32| {
        let parent = model.body_parent()[body as usize] as usize;
        (parent > 0).then(|| [place(body as usize), place(parent)])
    };
    model.geom_body().iter().map(limb).collect()
}

fn draw_rod([a, b]: [[f32; 2]; 2], radius: f32, is_round: bool, color: Color, scene: &mut Scene) {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length = along[0].hypot(along[1]);
    if length > 0.0 {
        let across = [-along[1] * radius / length, along[0] * radius / length];
        let corner =
            |end: [f32; 2], side: f32| [end[0] + side * across[0], end[1] + side * across[1]];
        scene.polygon(&[corner(a, 1.0), corner(b, 1.0), corner(b, -1.0), corner(a, -1.0)], color);
    }
    if is_round || length == 0.0 {
        scene.disc(a, radius, color).disc(b, radius, color);
    }
}

/// The edges of a box.
fn draw_box(at: [f64; 3], axes: [[f64; 3]; 3], view: View, color: Color, scene: &mut Scene) {
    let corner = |bits: usize| {
        let mut corner = at;
        for (axis, way) in axes.iter().enumerate() {
            let side = if bits >> axis & 1 == 1 { 1.0 } else { -1.0 };
            corner.iter_mut().zip(way).for_each(|(part, way)| *part += side * way);
        }
        view.from.project(corner)
    };
    for bits in 0..8 {
        for axis in (0..3).filter(|axis| bits >> axis & 1 == 0) {
            scene.line(corner(bits), corner(bits | 1 << axis), color);
        }
    }
}
