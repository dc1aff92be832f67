// The peer of bench/fleet.lua: jobs in pg-boss, as its documentation shows: a handler creates the
// training and waits for it; a job whose worker is lost is tried again after its time has expired.
//   node fleet_pg_boss.cjs plan <host> <database> <jobs>
//   node fleet_pg_boss.cjs work <host> <database> <url> <key> <assets id>
const PgBoss = require('pg-boss')

const [what, host, database, ...rest] = process.argv.slice(2)
const boss = new PgBoss({
  host, database, user: 'runner', application_name: 'novita', max: 3,
  maintenanceIntervalSeconds: 1
})
boss.on('error', () => {}) // it connects again by itself

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

async function plan (count) {
  await boss.start()
  await boss.createQueue('train')
  for (let i = 1; i <= count; i++) {
    // a training takes a second and a half here
    await boss.send('train', { name: `${database}-job-${i}` },
      { retryLimit: 100, retryDelay: 0, expireInSeconds: 4 })
  }
  await boss.stop({ graceful: false })
}

async function request (url, key, path, body) {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: 'Bearer ' + key, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body)
  })
  if (!response.ok) throw new Error('status ' + response.status)
  return response.json()
}

async function train (url, key, asset, name) {
  const made = await request(url, key, '/v3/training/subject', {
    name,
    base_model: 'v1-5-pruned-emaonly',
    width: 512,
    height: 512,
    image_dataset_items: [{ assets_id: asset }],
    expert_setting: {
      instance_prompt: 'a photo of someone', class_prompt: 'person', max_train_steps: 100
    }
  })
  for (;;) {
    const task = await request(url, key, '/v3/training/subject?task_id=' + made.task_id)
    if (task.models.some(model => model.model_status === 'SERVING')) return
    if (task.task_status === 'FAILED') throw new Error('failed')
    await pause(100)
  }
}

async function work (url, key, asset) {
  for (;;) {
    try {
      await boss.start()
      break
    } catch { await pause(100) }
  }
  for (let i = 0; i < 2; i++) { // two jobs at a time, as the other runners
    await boss.work('train', { batchSize: 1, pollingIntervalSeconds: 0.5 },
      async ([job]) => train(url, key, asset, job.data.name))
  }
}

process.on('unhandledRejection', () => {})
if (what === 'plan') plan(Number(rest[0]))
else work(...rest)
