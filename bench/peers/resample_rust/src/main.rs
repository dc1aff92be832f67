// One round of fast_image_resize and pic-scale on raw pixels in memory, one thread, in turns.
//   resample_rust <pixels> <width> <height> <channels> <to width> <to height> <runs>
// Lanczos3, RGBA weighted by alpha, weights computed again each time. Prints the medians as
// "bench resample fast_image_resize <ms>" and "bench resample pic_scale <ms>".
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use pic_scale::{
    ImageSize, ImageStore, ImageStoreMut, ResamplingFunction, Scaler, ThreadingPolicy,
};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

// CPU time of the process in ms: a busy machine changes it least
fn now() -> f64 {
    const CLOCK_PROCESS_CPUTIME_ID: i32 = 2; // Linux
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.seconds as f64 * 1e3 + time.nanoseconds as f64 * 1e-6
}

struct Job {
    from: (usize, usize),
    to: (usize, usize),
    channels: usize,
}

fn fast_image_resize(pixels: &[u8], job: &Job) {
    let kind = if job.channels == 4 { PixelType::U8x4 } else { PixelType::U8x3 };
    let from = ImageRef::new(job.from.0 as u32, job.from.1 as u32, pixels, kind).unwrap();
    let mut to = Image::new(job.to.0 as u32, job.to.1 as u32, kind);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&from, &mut to, &options).unwrap();
    std::hint::black_box(to.buffer());
}

fn pic_scale(pixels: &[u8], job: &Job) {
    let mut scaler = Scaler::new(ResamplingFunction::Lanczos3);
    scaler.set_threading_policy(ThreadingPolicy::Single);
    let size = ImageSize::new(job.from.0, job.from.1);
    let wanted = ImageSize::new(job.to.0, job.to.1);
    if job.channels == 4 {
        let from = ImageStore::<u8, 4>::from_slice(pixels, job.from.0, job.from.1).unwrap();
        let mut to = ImageStoreMut::<u8, 4>::alloc(job.to.0, job.to.1);
        let plan = scaler.plan_rgba_resampling(size, wanted, true).unwrap();
        plan.resample(&from, &mut to).unwrap();
        std::hint::black_box(to.as_bytes());
    } else {
        let from = ImageStore::<u8, 3>::from_slice(pixels, job.from.0, job.from.1).unwrap();
        let mut to = ImageStoreMut::<u8, 3>::alloc(job.to.0, job.to.1);
        let plan = scaler.plan_rgb_resampling(size, wanted).unwrap();
        plan.resample(&from, &mut to).unwrap();
        std::hint::black_box(to.as_bytes());
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let n: Vec<usize> = words[2..8].iter().map(|word| word.parse().unwrap()).collect();
    let job = Job { from: (n[0], n[1]), channels: n[2], to: (n[3], n[4]) };
    let mut pixels = std::fs::read(&words[1]).unwrap();
    pixels.truncate(job.from.0 * job.from.1 * job.channels);
    let peers: [(&str, fn(&[u8], &Job)); 2] =
        [("fast_image_resize", fast_image_resize), ("pic_scale", pic_scale)];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..n[5] + 1 {
        for (i, (_, resize)) in peers.iter().enumerate() {
            let start = now();
            resize(&pixels, &job);
            if round > 0 {
                times[i].push(now() - start); // the first touches all memory
            }
        }
    }
    for (times, (name, _)) in times.into_iter().zip(peers) {
        println!("bench resample {name} {:.4}", median(times));
    }
}
