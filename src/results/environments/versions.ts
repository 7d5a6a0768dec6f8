// Compares versions of packages as rpm and dpkg do. A kind of component names the package manager: `deb` and `dpkg` are
// Debian's, all others are compared as rpm does, kernels included. Sources: rpm's rpmvercmp and rpmds, Debian Policy 5.6.12.

import { compareTexts } from '../../lib/texts'

/** Below zero: the first is older. Zero: they are equal. Above zero: the first is newer. */
type Order = number

type ComparePart = (one: string, other: string) => Order

/** `epoch:version-release`. An empty release: none was named. */
export interface PackageVersion {
  epoch: number
  version: string
  release: string
}

/**
 * Splits `1:9.2.0-3.fc43`. Without an epoch it is 0.
 *
 * @param kind  of the component. The release of a kernel begins at the first dash: `6.1.0-13-amd64`.
 */
export function splitVersion(kind: string, text: string): PackageVersion {
  const { epoch, version: rest } = splitEpoch(text)
  const end = kind === 'kernel' ? rest.indexOf('-') : rest.lastIndexOf('-')
  return end > 0
    ? { epoch, version: rest.slice(0, end), release: rest.slice(end + 1) }
    : { epoch, version: rest, release: '' }
}

/** The version of a stored component. A version of Debian may have an epoch in it. */
export function versionOf({ version, release }: { version: string; release: string }): PackageVersion {
  return { ...splitEpoch(version), release }
}

function splitEpoch(text: string): { epoch: number; version: string } {
  const [, epoch = '0', version = text] = /^(\d{1,15}):(.*)$/s.exec(text) ?? []
  return { epoch: Number(epoch), version }
}

/** Compares whole versions: epoch, version, release. @param kind  of the component: `rpm`, `deb`, `kernel` ... */
export function compareVersions(kind: string, one: PackageVersion, other: PackageVersion): Order {
  const compare = comparePartOf(kind)
  return one.epoch - other.epoch || compare(one.version, other.version) || compare(one.release, other.release)
}

/** Compares a component with a version that somebody asks for, whose release counts only if it is named. */
export function compareWith(kind: string, one: PackageVersion, asked: PackageVersion): Order {
  return compareVersions(kind, asked.release === '' ? { ...one, release: '' } : one, asked)
}

function comparePartOf(kind: string): ComparePart {
  return kind === 'deb' || kind === 'dpkg' ? compareDebParts : compareRpmParts
}

/**
 * Compares versions or releases as rpm does: runs of digits and runs of letters in turn. All other characters only
 * separate them. Digits are newer than letters. `~` is older than the end, `^` newer than the end and older than the rest.
 */
export function compareRpmParts(one: string, other: string): Order {
  const a = one.match(RPM_PARTS) ?? []
  const b = other.match(RPM_PARTS) ?? []
  for (let at = 0; at < a.length || at < b.length; at++) {
    const order = compareRpmSegments(a[at], b[at])
    if (order !== 0) return order
  }
  return 0
}

const RPM_PARTS = /\d+|[A-Za-z]+|[~^]/g

function compareRpmSegments(one: string | undefined, other: string | undefined): Order {
  const rank = rpmRank(one) - rpmRank(other)
  if (rank !== 0 || one === undefined || other === undefined) return rank
  return isDigit(one) ? compareDigits(one, other) : compareTexts(one, other)
}

/** The order of what may stand at one place: `~`, the end, `^`, letters, digits. */
function rpmRank(segment: string | undefined): number {
  if (segment === undefined) return 1
  if (segment === '~') return 0
  if (segment === '^') return 2
  return isDigit(segment) ? 4 : 3
}

/**
 * Compares versions or revisions as dpkg does: what is not digits, and digits, in turn. `~` is older than the end, the
 * end older than letters, letters older than all else.
 */
export function compareDebParts(one: string, other: string): Order {
  let [a, b] = [one, other]
  while (a !== '' || b !== '') {
    const [textA, textB] = [leading(a, NO_DIGITS), leading(b, NO_DIGITS)]
    for (let at = 0; at < textA.length || at < textB.length; at++) {
      const order = debRank(textA[at]) - debRank(textB[at])
      if (order !== 0) return order
    }
    a = a.slice(textA.length)
    b = b.slice(textB.length)
    const [digitsA, digitsB] = [leading(a, DIGITS), leading(b, DIGITS)]
    const order = compareDigits(digitsA, digitsB)
    if (order !== 0) return order
    a = a.slice(digitsA.length)
    b = b.slice(digitsB.length)
  }
  return 0
}

const NO_DIGITS = /^\D*/
const DIGITS = /^\d*/

function leading(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[0] ?? ''
}

function debRank(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 0x10000
}

function isDigit(text: string): boolean {
  return /^\d/.test(text)
}

/** Numbers of any length: a date with a time has more digits than a JavaScript number holds. */
function compareDigits(one: string, other: string): Order {
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')]
  return a.length - b.length || compareTexts(a, b)
}
