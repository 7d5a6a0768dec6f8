// The thread of inserting.ts.

import { Database as Sqlite } from 'bun:sqlite'
import { prepareInsert } from '../raw'

declare const self: Worker

const sqlite = new Sqlite(process.argv.at(-1) ?? '')
sqlite.run('PRAGMA synchronous = FULL')
const insert = prepareInsert(sqlite)

self.onmessage = ({ data }: MessageEvent<string[]>) => {
  sqlite.run('BEGIN IMMEDIATE')
  for (const tag of data) insert(tag)
  sqlite.run('COMMIT')
  postMessage(data.length)
}
