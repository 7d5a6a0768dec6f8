// When a write is refused for want of room.

import { expect, test } from 'bun:test'
import pino from 'pino'
import { NoSpace } from '../../src/lib/errors'
import { DiskSpaceGuard } from '../../src/storage/disk-space-guard'

const MIB = 1024 ** 2
const log = pino({ level: 'silent' })

test('with less than is to be kept free, room is refused', () => {
  const room = new DiskSpaceGuard('/data', 2 * MIB, log, () => 2 * MIB - 1)
  expect(() => room.require()).toThrow(
    new NoSpace(
      'The disk of the server is nearly full: 1 MiB are free in /data, and 2 MiB are kept free (--min-free). Nothing was stored. Make room there, then send it again.',
    ),
  )
  expect(() => new DiskSpaceGuard('/data', MIB, log, () => MIB).require()).not.toThrow()
})

test('the disk is asked once a second at most', () => {
  let asked = 0
  const room = new DiskSpaceGuard('/data', 1, log, () => ++asked)
  for (let count = 0; count < 1000; count++) room.require()
  expect(asked).toBe(1)
})

test('with 0 the disk is never asked', () => {
  const room = new DiskSpaceGuard('/data', 0, log, () => {
    throw new Error('asked')
  })
  expect(() => room.require()).not.toThrow()
})

test('of a folder that is there the system is asked', () => {
  expect(() => new DiskSpaceGuard('/', 1, log).require()).not.toThrow()
  expect(() => new DiskSpaceGuard('/', Number.MAX_SAFE_INTEGER, log).require()).toThrow(NoSpace)
})
