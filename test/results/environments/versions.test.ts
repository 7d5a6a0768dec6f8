// Versions compare as rpm and dpkg compare them.

import { expect, test } from 'bun:test'
import {
  compareDebParts,
  compareRpmParts,
  compareVersions,
  compareWith,
  splitVersion,
  versionOf,
} from '../../../src/results/environments/versions'

const RPM: [string, string, number][] = [
  ['1.0', '1.0', 0],
  ['1.0', '2.0', -1],
  ['2.0.1', '2.0.1a', -1],
  ['5.5p1', '5.5p2', -1],
  ['5.5p10', '5.5p1', 1],
  ['10xyz', '10.1xyz', -1],
  ['xyz10', 'xyz10.1', -1],
  ['xyz.4', '8', -1],
  ['5.5p2', '5.6p1', -1],
  ['6.0.rc1', '6.0', 1],
  ['10b2', '10a1', 1],
  ['1.0a', '1.0aa', -1],
  ['10.0001', '10.0039', -1],
  ['4.999.9', '5.0', -1],
  ['20101121', '20101122', -1],
  ['2_0', '2.0', 0],
  ['a', 'a+', 0],
  ['1.0~rc1', '1.0', -1],
  ['1.0~rc1', '1.0~rc2', -1],
  ['1.0~rc1~git123', '1.0~rc1', -1],
  ['1.0^', '1.0', 1],
  ['1.0^git1', '1.0', 1],
  ['1.0^git1', '1.01', -1],
  ['1.0^20160101', '1.0.1', -1],
  ['1.0~rc1^git1', '1.0~rc1', 1],
  ['1.0^git1~pre', '1.0^git1', -1],
  ['20260101010101010101', '20260101010101010102', -1],
]
const DEB: [string, string, number][] = [
  ['1.0~rc1', '1.0', -1],
  ['1', '1+b1', -1],
  ['1.0a', '1.0+a', -1],
  ['2.9', '2.10', -1],
  ['1.0', '1.0.0', -1],
  ['00', '0', 0],
  ['a~', 'a', -1],
]

test.each(RPM)('rpm: %s and %s', (one, other, order) => {
  expect(Math.sign(compareRpmParts(one, other))).toBe(order)
  expect(Math.sign(compareRpmParts(other, one))).toBe(-order + 0)
})

test.each(DEB)('dpkg: %s and %s', (one, other, order) => {
  expect(Math.sign(compareDebParts(one, other))).toBe(order)
  expect(Math.sign(compareDebParts(other, one))).toBe(-order + 0)
})

test.each([
  ['rpm', '1:9.1-1.fc43', '10.0-1.fc43', 1],
  ['rpm', '9.1-2.fc43', '9.1-10.fc43', -1],
  ['rpm', '9.1-1.fc43', '9.1-1.fc43', 0],
  ['deb', '1.0~rc1-1', '1.0-1', -1],
  ['deb', '1.0-1', '1.0-1+b1', -1],
  ['dpkg', '1.0a-1', '1.0+a-1', -1],
  ['deb', '1.0a-1', '1.0+a-1', -1],
  ['deb', '1:0.4-1', '10.3-1', 1],
  ['deb', '2.9-1', '2.10-1', -1],
  ['kernel', '6.1.0-9-amd64', '6.1.0-13-amd64', -1],
  ['kernel', '6.12.0-0.rc4.fc43', '6.12.0-1.fc43', -1],
])('%s: the whole versions %s and %s', (kind, one, other, order) => {
  const compared = compareVersions(kind, splitVersion(kind, one), splitVersion(kind, other))
  expect(Math.sign(compared)).toBe(order)
})

test('a release counts where it is asked for', () => {
  const stored = versionOf({ version: '9.2', release: '3.fc43' })
  const against = (asked: string) => Math.sign(compareWith('rpm', stored, splitVersion('rpm', asked)))
  expect(['9.2', '9.2-3.fc43', '9.2-4.fc43', '9.1', '1:9.1'].map(against)).toEqual([0, 0, -1, 1, -1])
})

test('the epoch of a Debian version is stored in the version', () => {
  expect(versionOf({ version: '1:2.13.1+dfsg', release: '1+b1' })).toEqual({
    epoch: 1,
    version: '2.13.1+dfsg',
    release: '1+b1',
  })
})

/** Texts of the characters that matter, made from a seed. */
function* texts(seed: number, count: number): Generator<string> {
  let state = seed
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  for (let made = 0; made < count; made++) {
    yield Array.from({ length: next(7) }, () => '0019azAZ.+~^-_'[next(14)]).join('')
  }
}

test.each([
  ['rpm', compareRpmParts],
  ['dpkg', compareDebParts],
])('%s: the order of any texts is one order', (_, compare) => {
  const all = [...texts(7, 120)]
  for (const a of all) {
    expect(compare(a, a)).toBe(0)
    for (const b of all) {
      const ab = Math.sign(compare(a, b))
      if (ab !== -Math.sign(compare(b, a)) + 0) throw new Error(`${a} and ${b} have no order`)
      for (const c of all) {
        if (ab <= 0 && compare(b, c) <= 0 && compare(a, c) > 0) throw new Error(`${a}, ${b}, ${c} go round`)
      }
    }
  }
})
