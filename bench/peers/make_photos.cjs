// Makes photos like a camera's from the examples: scaled to 12 megapixels, with sensor noise, which
// enlarged images do not have, as baseline JPEG 4:2:0 of quality 92.
//   node make_photos.cjs <folder of examples> <folder to fill> <how many> <width> <height>
const fs = require('fs')
const path = require('path')
const sharp = require('sharp')

const [from, to, count, wide, high] = process.argv.slice(2)
const WIDTH = Number(wide)
const HEIGHT = Number(high)

// the same in every run
let state = 12345
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 4294967296
}

// a table of normal deviates: computing 36 million of them would take minutes
const noise = new Float32Array(1 << 16)
for (let i = 0; i < noise.length; i++) {
  noise[i] = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function grain(pixels, strength) {
  for (let i = 0; i < pixels.length; i += 3) {
    const shared = noise[(random() * 65536) | 0] * strength
    for (let c = 0; c < 3; c++) {
      const v = pixels[i + c] + shared + noise[(random() * 65536) | 0] * strength * 0.4
      pixels[i + c] = v < 0 ? 0 : v > 255 ? 255 : v + 0.5
    }
  }
}

async function make(source, number, target) {
  let image = sharp(source).rotate().resize(WIDTH, HEIGHT, { fit: 'cover' })
  if (Math.floor(number / 13) % 2 === 1) image = image.flop()
  const pixels = await image.removeAlpha().toColourspace('srgb').raw().toBuffer()
  grain(pixels, 2 + (number % 5) * 0.75)
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 }
  await sharp(pixels, { raw })
    .jpeg({ quality: 92, chromaSubsampling: '4:2:0', mozjpeg: false, optimiseCoding: false })
    .toFile(target)
}

async function main() {
  const names = fs.readdirSync(from).filter((n) => /\.(jpg|png|webp)$/.test(n)).sort()
  fs.mkdirSync(to, { recursive: true })
  for (let i = 0; i < Number(count); i++) {
    const target = path.join(to, `photo${String(i).padStart(2, '0')}.jpg`)
    if (fs.existsSync(target)) continue
    await make(path.join(from, names[i % names.length]), i, target + '.part')
    fs.renameSync(target + '.part', target)
  }
}

main()
