// The peer of bench/prepare.lua: the same photos through sharp, as its manual recommends: one libvips
// thread per image, one image at a time per worker.
//   node prepare_sharp.cjs <workers> <folder> <jpeg|png|webp> <size or width x height> <quality>
//     <444|420> [<folder for the results>]
const fs = require('fs')
const path = require('path')
const sharp = require('sharp')

const [workers, folder, format, size, quality, chroma, out] = process.argv.slice(2)
const [width, height] = size.includes('x') ? size.split('x').map(Number) : [Number(size), Number(size)]

// as ours: JPEG with quality and chroma, PNG with defaults, WebP with defaults except the quality
const options = {
  jpeg: { quality: Number(quality), chromaSubsampling: chroma === '420' ? '4:2:0' : '4:4:4' },
  png: {},
  webp: { quality: Number(quality) },
}

async function prepare(name) {
  const bytes = await sharp(path.join(folder, name))
    .rotate()
    .resize(width, height, { fit: 'cover', kernel: 'lanczos3' })
    .toFormat(format, options[format])
    .toBuffer()
  if (out) fs.writeFileSync(path.join(out, path.parse(name).name + '.' + format), bytes)
  return bytes.length
}

async function main() {
  const names = fs.readdirSync(folder).filter((n) => n.endsWith('.jpg')).sort()
  let next = 0
  let total = 0
  async function worker() {
    while (next < names.length) {
      const bytes = await prepare(names[next++])
      total += bytes
    }
  }
  const before = process.cpuUsage()
  const start = process.hrtime.bigint()
  await Promise.all(Array.from({ length: Number(workers) }, worker))
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const cpu = process.cpuUsage(before)
  console.log(`bench prepare wall_s ${seconds}`)
  console.log(`bench prepare cpu_s ${(cpu.user + cpu.system) / 1e6}`)
  console.log(`bench prepare bytes ${total}`)
  console.log(`bench prepare peak_mb ${(process.resourceUsage().maxRSS * 1024) / 1e6}`)
}

sharp.concurrency(1)
sharp.cache(false)
main()
