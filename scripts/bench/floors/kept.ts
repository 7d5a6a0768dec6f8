// What no server of kept answers can do with less: six headers read, one of 10,000 answers looked up, nine headers sent.
// Arguments: the file with the paths, the file with the bytes of an answer.

import { answerHeaders } from './headers'

const [pathsFile = '', bytesFile = ''] = process.argv.slice(2)
const text = await Bun.file(bytesFile).text()
const paths = (await Bun.file(pathsFile).text()).split('\n')
// A text and headers of its own for each, as answers have.
const answers = new Map(
  paths.map((path, index) => [path, { body: text.slice(5) + (10_000 + index), headers: answerHeaders() }]),
)

const read = ['host', 'accept', 'accept-encoding', 'if-none-match', 'authorization', 'x-request-id']

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  development: false,
  fetch({ url, headers }) {
    for (const name of read) headers.get(name)
    const answer = answers.get(url.slice(url.indexOf('/', 8)))
    return answer ? new Response(answer.body, answer) : new Response(null, { status: 404 })
  },
})
console.log(`Listening on http://127.0.0.1:${server.port}/`)
