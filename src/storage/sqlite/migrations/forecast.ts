// What an upgrade will take, before it begins: how long, and how much room on the disk. It reads a few numbers and changes
// nothing.

import { Database as Sqlite } from 'bun:sqlite'
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { freeBytesIn } from '../../disk-space-guard'
import { firstValue, pragma } from '../pragma'
import { migrations } from './index'

export interface UpgradeForecast {
  /** The schema versions. */
  from: number
  to: number
  jobs: number
  tests: number
  /** On a machine with nothing else to do. */
  seconds: number
  /** The copy that is kept of the database. */
  copyBytes: number
  /** The room that is needed in the folder of the database, the copy included. */
  bytes: number
  freeBytes: number
}

/** The copy is written and read once, so fast, in bytes a second. */
const COPY_SPEED = 80 * 1024 ** 2
/** Of any upgrade: pages of the schema. */
const LEAST_BYTES = 256 * 1024
const MICROSECONDS = 1e-6

/** @returns undefined when the database is new or up to date. @param path  of a database that exists */
export function forecastUpgrade(path: string): UpgradeForecast | undefined {
  const sqlite = new Sqlite(path, { readwrite: true })
  try {
    const from = pragma(sqlite, 'user_version')
    if (from === 0 || from >= migrations.length) return undefined
    // The highest ids: more than there are rows where some were deleted. Counting would read an index.
    const [jobs, tests] = [
      firstValue(sqlite, 'SELECT max(number) FROM job'),
      firstValue(sqlite, 'SELECT max(id) FROM test'),
    ]
    const pages = pragma(sqlite, 'page_count') - pragma(sqlite, 'freelist_count')
    const copyBytes = pages * pragma(sqlite, 'page_size')
    let [seconds, bytes, temporary] = [(2 * copyBytes) / COPY_SPEED, copyBytes + LEAST_BYTES, 0]
    for (const { costs = {} } of migrations.slice(from)) {
      for (const [rows, cost] of [
        [jobs, costs.job],
        [tests, costs.test],
      ] as const) {
        if (!cost) continue
        seconds += rows * cost.microseconds * MICROSECONDS
        bytes += rows * cost.bytes
        temporary = Math.max(temporary, rows * cost.temporaryBytes)
      }
    }
    const folder = dirname(resolve(path))
    if (isOnDiskOf(folder)) bytes += temporary
    const freeBytes = freeBytesIn(folder)
    return {
      from,
      to: migrations.length,
      jobs,
      tests,
      seconds,
      copyBytes,
      bytes: Math.ceil(bytes),
      freeBytes,
    }
  } finally {
    sqlite.close(true)
  }
}

/** Whether SQLite sorts on the same disk. Source: "Temporary File Storage Locations" in its description. */
function isOnDiskOf(folder: string): boolean {
  const temporary = process.env.SQLITE_TMPDIR ?? process.env.TMPDIR ?? '/var/tmp'
  const found =
    statSync(temporary, { throwIfNoEntry: false }) ?? statSync(tmpdir(), { throwIfNoEntry: false })
  return found?.dev === statSync(folder).dev
}
