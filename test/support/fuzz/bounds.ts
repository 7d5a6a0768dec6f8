// Requests at and beyond the bounds: larger, deeper and of more parts than anybody may send, to everything that takes a
// body, and lists with as many rows a page as one likes. None takes much memory, and each is answered.

import type { ApiDocument, Operation } from './document'
import type { Known } from './known'
import type { Request } from './requests'

/** What of an answer there may be: bytes of JSON. */
export const MAX_ANSWER_BYTES = 32 * 1024 ** 2
/** What one request may leave the server with, or take meanwhile, as long as it is seen. */
export const MAX_MEMORY_BYTES = 400 * 1024 ** 2

const json = (text: string) => ({ headers: { 'content-type': 'application/json' }, text })
const boundary = 'so-and-so'

/** Bodies by what is too much of them. The limit of the servers here is 256 KiB, of JSON a million values. */
const bodies: Record<string, { headers: Record<string, string>; text: string }> = {
  large: json(`{"x": "${'x'.repeat(300 * 1024)}"}`),
  deep: json(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`),
  'deep lists': json('['.repeat(100_000)),
  'many values': json(`{"tests": [${'0,'.repeat(100_000)}0]}`),
  'many objects': json(
    `{"tests": [${'{},'.repeat(60_000)}{}], "installed_software_components": [${'{},'.repeat(20_001)}{}]}`,
  ),
  'many fields': json(`{${Array.from({ length: 20_000 }, (_, index) => `"f${index}":1`).join()}}`),
  'one long text': json(
    `{"description": "${'\\u0001'.repeat(40_000)}", "value": "${'x'.repeat(1000)}", "key": "k"}`,
  ),
  'many fields of a form': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    text: 'a=1&'.repeat(50_000),
  },
  'many parts of a form': {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    text: `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n`.repeat(2500),
  },
}

/** Imports that are small on their way. */
const imports: Record<string, Uint8Array> = {
  'a gzip of zeros': Bun.gzipSync(Buffer.alloc(200 * 1024 ** 2)),
  'a zstd of zeros': Bun.zstdCompressSync(Buffer.alloc(200 * 1024 ** 2)),
  'XML of elements': Buffer.from(`<testsuite>${'<a/>'.repeat(200_000)}</testsuite>`),
  'XML that is deep': Buffer.from('<a>'.repeat(200_000)),
  'TAP of points': Buffer.from(`1..90000\n${'ok\n'.repeat(90_000)}`),
  'lines of nothing': Buffer.from('{}\n'.repeat(3000)),
  'packed results.json of lists': Bun.gzipSync(Buffer.from(`{"job_id": "${'['.repeat(1_000_000)}`)),
}

/** @returns each with what it is, for whoever repeats it. */
export function* requestsBeyondBounds(document: ApiDocument, known: Known): Generator<Request> {
  for (const operation of document.operations) {
    const base = {
      method: operation.method,
      template: operation.template,
      transport: 'fetch',
      sender: 0,
    } as const
    const target = known.path(operation.template, 0) ?? operation.template.replace(/\{\w+\}/g, '1')
    if (operation.method === 'GET') {
      const sizes = operation.parameters.filter(({ name }) => /^(page_size|limit)$/.test(name))
      for (const { name } of sizes) {
        yield { ...base, target: `${target}?${name}=1000000`, headers: {}, body: undefined }
      }
      continue
    }
    if (Object.keys(operation.bodies).length === 0) continue
    for (const { headers, text } of Object.values(bodies)) {
      yield { ...base, target, headers, body: Buffer.from(text) }
    }
    if (!isImport(operation)) continue
    for (const body of Object.values(imports)) yield { ...base, target, headers: {}, body }
  }
}

function isImport({ template }: Operation): boolean {
  return template === '/imports/'
}
