// Finds faces with the npm package @vladmandic/face-api, the source of novita-faces' weights, on its
// WebAssembly backend.
//   node faces_npm.cjs (<file of RGB samples> <width> <height> <side>) ...
// Prints for each image the line "faces" and then x, y, width, height and score of each face, best
// first, and "ms <time of the last of three runs>" on stderr.
const fs = require("fs");
const path = require("path");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const folderOf = (name) => path.dirname(require.resolve(name + "/package.json"));

async function start() {
  wasm.setWasmPaths(folderOf("@tensorflow/tfjs-backend-wasm") + "/dist/");
  await faceapi.tf.setBackend("wasm");
  await faceapi.tf.ready();
  await faceapi.nets.tinyFaceDetector.loadFromDisk(folderOf("@vladmandic/face-api") + "/model");
}

async function find(file, width, height, side) {
  const rgb = new Uint8Array(fs.readFileSync(file));
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: side, scoreThreshold: 0.5 });
  let found, ms;
  for (let run = 0; run < 3; run++) {
    const tensor = faceapi.tf.tensor3d(rgb, [height, width, 3], "int32");
    const began = performance.now();
    found = await faceapi.detectAllFaces(tensor, options);
    ms = performance.now() - began;
    tensor.dispose();
  }
  process.stderr.write(`ms ${ms.toFixed(1)}\n`);
  const rows = found.map((f) => [f.box.x, f.box.y, f.box.width, f.box.height, f.score]);
  console.log("faces" + rows.map((row) => " " + row.map((v) => v.toFixed(4)).join(" ")).join(""));
}

async function main() {
  await start();
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i += 4) {
    await find(words[i], ...words.slice(i + 1, i + 4).map(Number));
  }
}

main();
