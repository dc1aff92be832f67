// The peer of bench/batch.lua: the same jobs in a straightforward script with sharp and axios, as
// a good programmer would write it in an afternoon: a fixed number of jobs at a time, all photos of
// a job at once, connections kept. It has no journal, so a crash loses its state.
//   node batch_sharp_axios.cjs <folder> <url> <key>      prints seconds, CPU seconds, jobs
const fs = require('fs/promises')
const http = require('http')
const path = require('path')
const axios = require('axios')
const sharp = require('sharp')

const [folder, url, key] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })
const api = axios.create({ baseURL: url, httpAgent: agent, headers: { Authorization: 'Bearer ' + key } })
const AT_A_TIME = 16

// libvips' own pool: as many images at a time as there are cores, one thread each
sharp.concurrency(1)

async function upload (file) {
  const bytes = await sharp(file).rotate()
    .resize(512, 512, { fit: 'cover', kernel: 'lanczos3' })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
  const { data } = await api.post('/v3/assets/training_dataset', { file_extension: 'jpeg' })
  await axios.put(data.upload_url, bytes, {
    httpAgent: agent, headers: { 'Content-Type': 'image/jpeg' }, maxBodyLength: Infinity
  })
  return { assets_id: data.assets_id }
}

async function serving (taskId) {
  for (;;) {
    const { data } = await api.get('/v3/training/subject', { params: { task_id: taskId } })
    if (data.models.some(model => model.model_status === 'SERVING')) return
    if (data.task_status === 'FAILED') throw new Error('failed')
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

async function train (name) {
  const place = path.join(folder, 'people', name)
  const files = (await fs.readdir(place)).map(file => path.join(place, file))
  const items = await Promise.all(files.map(upload))
  const { data } = await api.post('/v3/training/subject', {
    name,
    base_model: 'v1-5-pruned-emaonly',
    width: 512,
    height: 512,
    image_dataset_items: items,
    expert_setting: {
      instance_prompt: 'a photo of ' + name, class_prompt: 'person', max_train_steps: 100
    },
    components: [{ name: 'resize', args: [
      { name: 'width', value: '512' }, { name: 'height', value: '512' }] }]
  })
  await serving(data.task_id)
}

async function main () {
  const began = process.hrtime.bigint()
  const names = (await fs.readdir(path.join(folder, 'people'))).sort()
  const count = names.length
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    while (names.length > 0) await train(names.shift())
  }))
  const { user, system } = process.cpuUsage()
  console.log(Number(process.hrtime.bigint() - began) / 1e9, (user + system) / 1e6, count)
}

main().catch(err => { console.error(err.message); process.exit(1) })
