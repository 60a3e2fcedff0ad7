// A bare Fastify route that sends one file with the given headers, or 304 if none are given.
//   node bare.mjs file headers
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'

const [file, headers] = [readFileSync(process.argv[2]), JSON.parse(process.argv[3])]
const app = fastify()
app.get('/tile/:z/:x/:y', (request, reply) => {
  reply.headers(headers)
  return request.headers['if-none-match'] === headers.etag ? reply.code(304).send() : reply.send(file)
})
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
