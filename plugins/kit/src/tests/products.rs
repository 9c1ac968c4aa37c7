//! The kernel gives what the literal product gives, and the same bits in every class.

use crate::product::{Product, Side, Start, literal};
use crate::simd::multiply_in;
use plugin_api::Rng;
use plugin_api::simd::Class;

struct Case {
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    bias: Vec<f32>,
}

fn case(rows: usize, inner: usize, columns: usize) -> Case {
    let mut rng = Rng::seeded((rows * 1_000_000 + inner * 1000 + columns) as u64);
    let mut draw =
        |len: usize| (0..len).map(|_| rng.standard_normal() as f32).collect::<Vec<f32>>();
    Case {
        a: draw(rows * inner),
        b: draw(inner * columns),
        c: draw(rows * columns),
        bias: draw(columns),
    }
}

fn product<'a>(
    case: &'a Case,
    c: &'a mut [f32],
    (rows, inner, columns): (usize, usize, usize),
    side: Side,
    start: Start<'a, f32>,
) -> Product<'a, f32> {
    let a_stride = if side == Side::Plain { inner } else { rows };
    Product { a: &case.a, a_stride, side, b: &case.b, c, start, rows, inner, columns }
}

#[test]
fn every_class_gives_the_product() {
    for rows in 1..=27 {
        for (inner, columns) in [(0, 16), (1, 16), (3, 32), (17, 48), (64, 64), (5, 80)] {
            let (size, case) = ((rows, inner, columns), case(rows, inner, columns));
            for side in [Side::Plain, Side::Transposed] {
                for start in [Start::Zero, Start::There, Start::Bias(&case.bias)] {
                    let mut expected = case.c.clone();
                    literal(product(&case, &mut expected, size, side, start));
                    let mut bits: Option<Vec<u32>> = None;
                    for class in Class::available() {
                        let mut c = case.c.clone();
                        multiply_in(class, product(&case, &mut c, size, side, start));
                        for (ours, right) in c.iter().zip(&expected) {
                            assert!((ours - right).abs() < 1e-4, "{size:?} {side:?} {class:?}");
                        }
                        if class > Class::Baseline {
                            let new: Vec<u32> = c.iter().map(|x| x.to_bits()).collect();
                            assert_eq!(bits.get_or_insert(new.clone()), &new, "{size:?} {class:?}");
                        }
                    }
                }
            }
        }
    }
}

/// A row's sums do not depend on the rows beside it.
#[test]
fn rows_are_independent() {
    let (rows, inner, columns) = (23, 64, 64);
    let case = case(rows, inner, columns);
    let mut whole = case.c.clone();
    multiply_in(
        Class::best(),
        product(&case, &mut whole, (rows, inner, columns), Side::Plain, Start::Zero),
    );
    for row in 0..rows {
        let mut one = vec![0.0; columns];
        multiply_in(
            Class::best(),
            Product {
                a: &case.a[row * inner..][..inner],
                a_stride: inner,
                side: Side::Plain,
                b: &case.b,
                c: &mut one,
                start: Start::Zero,
                rows: 1,
                inner,
                columns,
            },
        );
        assert_eq!(one, whole[row * columns..][..columns]);
    }
}

/// A net's worth of products and loops, as bits.
fn computed() -> Vec<u32> {
    let mut all = Vec::new();
    for size in [(256, 256, 256), (250, 130, 208), (64, 512, 64), (13, 4096, 32)] {
        let case = case(size.0, size.1, size.2);
        for side in [Side::Plain, Side::Transposed] {
            for start in [Start::Zero, Start::There, Start::Bias(&case.bias)] {
                let mut c = case.c.clone();
                crate::simd::multiply(product(&case, &mut c, size, side, start));
                all.extend(c.iter().map(|number| number.to_bits()));
            }
        }
    }
    let case = case(300, 1, 320);
    let mut turned = vec![0.0; 320 * 304];
    crate::matrix::transpose(&case.c, 300, 320, &mut turned, 304);
    all.extend(turned.iter().map(|number| number.to_bits()));
    let mut weights = crate::Weights::new();
    weights.add("w".to_owned(), 500, 320);
    let mut gradients = weights.zeros();
    gradients.values.iter_mut().enumerate().for_each(|(idx, x)| *x = (idx % 97) as f32 - 48.0);
    let mut adam = crate::Optimiser::new(crate::Rule::adam(1e-8), &weights);
    (0..3).for_each(|_| adam.step(&mut weights, &gradients, 0.01));
    let mut copy = weights.zeros();
    copy.follow(&weights, 0.3);
    all.extend(weights.values.iter().chain(&copy.values).map(|number| number.to_bits()));
    all
}

#[test]
fn threads_change_no_bit() {
    let alone = computed();
    for threads in [2, 8] {
        crate::threads::ask_for(threads);
        assert_eq!(crate::threads::parts(1 << 30, 1), threads);
        assert!(computed() == alone, "{threads} threads");
    }
    assert_eq!(crate::threads::parts(1 << 19, 1 << 20), 1, "small loops are not cut");
}
