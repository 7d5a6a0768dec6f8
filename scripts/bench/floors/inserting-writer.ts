// The thread of inserting.ts.

import { Database as Sqlite } from 'bun:sqlite'
import { prepareCounted } from '../raw'

declare const self: Worker

const sqlite = new Sqlite(process.argv.at(-1) ?? '', { strict: true })
sqlite.run('PRAGMA synchronous = FULL')
const { insert, commit } = prepareCounted(sqlite)

self.onmessage = ({ data }: MessageEvent<string>) => {
  const tests = JSON.parse(data) as { job: number; tag: string; status: string }[]
  sqlite.run('BEGIN IMMEDIATE')
  const ids = tests.map(insert)
  commit()
  postMessage(JSON.stringify(ids))
}
