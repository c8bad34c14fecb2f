// The client of CompreFace, as it is published, against the service:
//     cd FOLDER && node …/run.mjs LIKENESS
// FOLDER holds anna1.jpg, anna2.jpg, carla1.jpg, carla2.jpg (one face each), group.jpg (several)
// and empty.png (none). Prints each step; the exit code is 0 when all of them hold.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { CompreFace } from '@exadel/compreface-js-sdk'

const likeness = process.argv[2]
const say = console.log
console.log = () => {} // the client prints the key

function key(role) {
  return execFileSync(likeness, ['keys', 'create', '--role', role, '--name', role, '--keys', 'keys.json'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

async function start() {
  const server = spawn(likeness, ['serve', '--port', '0', '--gallery', 'people.gallery',
    '--no-encryption', '--keep-crops', '--keys', 'keys.json', '--jobs', 'jobs'], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.on('exit', () => server.kill('SIGKILL')) // however the test ends
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /listening on (http:\/\/[^:]+):(\d+)/.exec(line)
    if (found) {
      server.stdout.resume()
      return { server, host: found[1], port: Number(found[2]) }
    }
  }
  throw new Error('the service ended before it listened')
}

/** The answer of the service to what must be refused. */
async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    assert.ok(error.response, String(error))
    return { status: error.response.status, ...error.response.data }
  }
  assert.fail('was not refused')
}

const enrolKey = key('enrol')
const readKey = key('read')
const { server, host, port } = await start()
const deadline = setTimeout(() => server.kill('SIGKILL'), 240_000)

try {
  const compreface = new CompreFace(host, port)
  const recognition = compreface.initFaceRecognitionService(enrolKey)
  // The client adds to the address of such an object with each call: a new one for each.
  const subjects = () => recognition.getSubjects()
  const faces = () => recognition.getFaceCollection()
  const detection = compreface.initFaceDetectionService(readKey)
  const verification = compreface.initFaceVerificationService(readKey)

  const step = async (name, what) => {
    await what()
    say('ok: ' + name)
  }

  await step('subjects are added, listed, renamed and deleted', async () => {
    assert.deepEqual(await subjects().list(), { subjects: [] })
    assert.deepEqual(await subjects().add('Anna Blum'), { subject: 'Anna Blum' })
    await subjects().add('Doris')
    assert.deepEqual(await subjects().list(), { subjects: ['Anna Blum', 'Doris'] })
    assert.deepEqual(await refusal(subjects().add('Doris')),
      { status: 400, code: 43, message: 'Subject already exists' })
    assert.deepEqual(await subjects().rename('Anna%20Blum', 'Anna'), { updated: true })
    assert.deepEqual(await subjects().delete('Doris'), { subject: 'Doris' })
    assert.deepEqual(await subjects().list(), { subjects: ['Anna'] })
    assert.equal((await refusal(subjects().delete('Doris'))).code, 42)
  })

  let anna
  await step('examples are added by a path and by base64', async () => {
    anna = await faces().add('./anna1.jpg', 'Anna')
    assert.equal(anna.subject, 'Anna')
    assert.match(anna.image_id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const carla = await faces().add(readFileSync('carla1.jpg').toString('base64'), 'Carla')
    assert.notEqual(carla.image_id, anna.image_id)
    const listed = await faces().list()
    assert.deepEqual(listed.faces, [anna, carla])
    assert.deepEqual([listed.page_number, listed.page_size, listed.total_pages, listed.total_elements],
      [0, 20, 1, 2])
  })

  await step('photos without a face, or with several, are refused', async () => {
    assert.deepEqual(await refusal(faces().add('./empty.png', 'Nobody')),
      { status: 400, code: 28, message: 'No face is found in the given image' })
    assert.equal((await refusal(faces().add('./group.jpg', 'Everybody'))).code, 31)
    assert.deepEqual(await subjects().list(), { subjects: ['Anna', 'Carla'] })
  })

  await step('faces are recognised', async () => {
    const { result } = await recognition.recognize('./anna2.jpg', { limit: 0, prediction_count: 2 })
    assert.equal(result.length, 1)
    assert.deepEqual(result[0].subjects.map(({ subject }) => subject), ['Anna', 'Carla'])
    const [first, second] = result[0].subjects.map(({ similarity }) => similarity)
    assert.ok(first > 0.5 && second < 0.5, `similarities ${first}, ${second}`)
    assert.equal(result[0].embedding, undefined)
    const all = await recognition.recognize('./group.jpg',
      { limit: 2, det_prob_threshold: 0.8, prediction_count: 1, face_plugins: 'landmarks,calculator,age', status: 'true' })
    assert.equal(all.result.length, 2)
    for (const face of all.result) {
      assert.equal(face.landmarks.length, 5)
      assert.ok(face.embedding.length >= 128)
      assert.equal(face.subjects.length, 1)
      assert.equal(face.age, undefined)
      assert.ok(face.execution_time.detector > 0)
    }
    assert.ok(all.plugins_versions.calculator)
  })

  await step('a face is verified against an example', async () => {
    const same = await faces().verify('./anna2.jpg', anna.image_id, { limit: 1 })
    assert.equal(same.result[0].subject, 'Anna')
    assert.ok(same.result[0].similarity > 0.5)
    const other = await faces().verify('./carla2.jpg', anna.image_id, { limit: 1 })
    assert.ok(other.result[0].similarity < 0.5)
  })

  await step('two photos are verified, by a path and by base64', async () => {
    const [same] = (await verification.verify('./anna1.jpg', './anna2.jpg', { limit: 1 })).result
    assert.ok(same.face_matches[0].similarity > 0.5)
    assert.ok(same.source_image_face.box.probability > 0.7)
    const base64 = (name) => readFileSync(name).toString('base64')
    const [other] = (await verification.verify(base64('anna1.jpg'), base64('carla1.jpg'), {})).result
    assert.ok(other.face_matches[0].similarity < 0.5)
    assert.equal((await refusal(verification.verify('./group.jpg', './anna1.jpg', {}))).code, 31)
  })

  await step('faces are detected', async () => {
    const { result } = await detection.detect('./group.jpg', { limit: 0 })
    assert.ok(result.length >= 4)
    for (const { box } of result) assert.ok(box.x_max > box.x_min && box.y_max > box.y_min)
    const one = await detection.detect('./group.jpg', { limit: 1, det_prob_threshold: 0.8, face_plugins: 'landmarks' })
    assert.deepEqual(one.result[0].box, result[0].box)
    assert.equal(one.result[0].landmarks.length, 5)
    assert.equal((await refusal(detection.detect('./empty.png', { limit: 1 }))).code, 28)
  })

  await step('a key that may only read changes nothing, a wrong one opens nothing', async () => {
    const reader = compreface.initFaceRecognitionService(readKey)
    assert.equal((await refusal(reader.getSubjects().add('Eve'))).status, 403)
    const stranger = compreface.initFaceRecognitionService('00000000-0000-0000-0000-000000000000')
    const refused = await refusal(stranger.getSubjects().list())
    assert.deepEqual([refused.status, refused.code], [401, 20])
  })

  await step('examples are deleted', async () => {
    const again = await faces().add('./anna2.jpg', 'Anna')
    assert.deepEqual(await faces().delete(anna.image_id), anna)
    const gone = await refusal(faces().delete(anna.image_id))
    assert.deepEqual([gone.status, gone.code], [404, 44])
    assert.deepEqual(await faces().delete_multiple_images([anna.image_id, again.image_id]), [again])
    assert.deepEqual(await faces().delete_all_subject('Carla'), { deleted: 1 })
    await faces().add('./carla1.jpg', 'Carla')
    assert.deepEqual(await faces().delete_all(), { deleted: 1 })
    assert.equal((await faces().list()).total_elements, 0)
    await subjects().add('Doris')
    assert.deepEqual(await subjects().deleteAll(), { deleted: 1 })
  })
} finally {
  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  clearTimeout(deadline)
  if (code !== 0) {
    say(`the service ended with ${code}`)
    process.exitCode = 1
  }
}
say('all of it')
