// PostgreSQL with pgvector at 127.0.0.1:PORT, its data in FOLDER:
//     node server.mjs PORT FOLDER
// Its clients share one session: a transaction of one keeps the others waiting.
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const [port, folder] = process.argv.slice(2)
const db = await PGlite.create({ dataDir: folder, extensions: { vector } })
const server = new PGLiteSocketServer({ db, port: Number(port), maxConnections: 16 })
await server.start()
console.log('ready')
