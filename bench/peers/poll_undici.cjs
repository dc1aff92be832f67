// Polls tasks with undici, as bench/poll.lua does with novita: all tasks wait at once, each in an
// async function, over a pool of connections.
//
//   node bench/peers/poll_undici.cjs <port> <tasks> <connections>
"use strict";
const { readFileSync } = require("fs");
const { Pool } = require("undici");

const [port, tasks, connections] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
const headers = { authorization: "Bearer sk_bench", accept: "application/json" };
let polls = 0;

async function wait(number) {
  const id = "00000000-0000-4000-8000-" + String(number).padStart(12, "0");
  for (;;) {
    const { statusCode, body } = await pool.request({
      path: `/v3/training/subject?task_id=${id}`, method: "GET", headers,
    });
    if (statusCode !== 200) throw new Error("status " + statusCode);
    const value = await body.json();
    polls++;
    if (value.models.some((model) => model.model_status === "SERVING")) return;
  }
}

function memory(name) {
  const status = readFileSync("/proc/self/status", "utf8");
  return 1024 * Number(new RegExp(name + ":\\s*(\\d+)").exec(status)[1]);
}

async function waitAll(first, count) {
  await Promise.all(Array.from({ length: count }, (_, i) => wait(first + i)));
}

async function main() {
  await waitAll(900000000, connections);
  polls = 0;
  const before = memory("VmRSS");
  const start = process.cpuUsage();
  await waitAll(1, tasks);
  const used = process.cpuUsage(start);
  const peak = memory("VmHWM");
  console.log("bench poll undici_cpu_us_per_poll", ((used.user + used.system) / polls).toFixed(2));
  console.log("bench poll undici_bytes_per_task", Math.round((peak - before) / tasks));
  console.log("bench poll undici_peak_rss_mb", (peak / 1e6).toFixed(1));
  await pool.close();
}

main().catch((error) => {
  console.error("poll_undici: " + error.message);
  process.exit(1);
});
