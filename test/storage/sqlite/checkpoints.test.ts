// The WAL stays small, whatever the load.

import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, defineWrite } from '../../../src/storage/database'
import { CHECKPOINT_PAGES, IDLE_MS, MAX_AGE_MS } from '../../../src/storage/sqlite/checkpoints'
import { openReader } from '../../../src/storage/sqlite/connection'
import { type SqliteConnection, sqliteOf } from '../../../src/storage/sqlite/sqlite-connection'

const PAGE_BYTES = 4096

/** A row of 100 pages. */
const addLargeRow = defineWrite('addLargeRow', async (connection) => {
  sqliteOf(connection).execute(
    `INSERT INTO file (hash, size, stored_size, content, created_at) VALUES (randomblob(32), 0, 0, zeroblob(${100 * PAGE_BYTES}), 0)`,
  )
})

test('the WAL stays bounded under load while readers come and go, and is emptied afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'a.sqlite')
  const { database } = Database.open(path)
  const reader: SqliteConnection = openReader(path)
  const walBytes = () => statSync(`${path}-wal`).size
  let largest = 0
  for (let count = 0; count < 200; count++) {
    // A snapshot that is held across two commits, and given up for the time of one.
    if (count % 3 === 0) {
      reader.execute('BEGIN')
      reader.row('SELECT count(*) FROM file')
    }
    await database.write(addLargeRow, undefined)
    if (count % 3 === 1) reader.execute('COMMIT')
    largest = Math.max(largest, walBytes())
  }
  expect(largest).toBeGreaterThan(CHECKPOINT_PAGES * PAGE_BYTES)
  expect(largest).toBeLessThan(3 * CHECKPOINT_PAGES * PAGE_BYTES)
  reader.close()
  const end = performance.now() + 10 * IDLE_MS
  while (walBytes() > 0 && performance.now() < end) await Bun.sleep(50)
  expect(walBytes()).toBe(0)
  await database.close()
  rmSync(folder, { recursive: true })
})

test('what trickles in and never pauses is moved into the file after some seconds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'a.sqlite')
  const { database } = Database.open(path, { durability: 'normal' })
  const other = openReader(path)
  const pauseMs = IDLE_MS / 4
  // Counted, not timed: a busy machine makes fewer writes in that time, and never more.
  const most = (MAX_AGE_MS + 2 * IDLE_MS) / pauseMs
  let [writes, moved] = [0, 0]
  while (moved === 0 && writes < most) {
    await database.write(addLargeRow, undefined)
    writes++
    moved = Number(other.row('PRAGMA wal_checkpoint(NOOP)')[2])
    if (moved === 0) await Bun.sleep(pauseMs)
  }
  expect(moved).toBeGreaterThan(0)
  other.close()
  await database.close()
  rmSync(folder, { recursive: true })
})
