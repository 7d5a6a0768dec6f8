// What some tests need beside Bun. Where it is missing they are skipped by name, and the name says what is missing.

import { test } from 'bun:test'
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Need {
  isThere: () => boolean
  /** Debian's package, if one is all it takes. */
  package?: string
  /** What is missing where it is not there. */
  otherwise: string
}

const program = (name: string) => ({
  isThere: () => Bun.which(name) !== null,
  package: name,
  otherwise: `no ${name}`,
})

/** Browsers under any of the names that distributions give it. */
export function chromiumPath(): string {
  const path = Bun.which('chromium') ?? Bun.which('chromium-browser') ?? Bun.which('google-chrome')
  return path ?? 'chromium'
}

const succeeds = (...command: string[]) =>
  Bun.which(command[0] ?? '') !== null &&
  Bun.spawnSync(command, { stdout: 'ignore', stderr: 'ignore' }).exitCode === 0

/** Whether this user may mount. */
function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'avocado-disk-'))
  const isMounted = succeeds('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path)
  if (isMounted) succeeds('umount', '--lazy', path)
  rmdirSync(path)
  return isMounted
}

export const needs = {
  chromium: { isThere: () => existsSync(chromiumPath()), package: 'chromium', otherwise: 'no Chromium' },
  curl: program('curl'),
  openssl: program('openssl'),
  strace: {
    isThere: () => succeeds('strace', '-f', '-o', '/dev/null', 'true'),
    package: 'strace',
    otherwise: 'no strace, or no right to trace',
  },
  otherUser: {
    isThere: () => succeeds('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'true'),
    otherwise: 'no right to act as another user, as root has',
  },
  tmpfs: { isThere: canMount, otherwise: 'no right to mount a tmpfs, as root has' },
  zip: program('zip'),
  zstd: program('zstd'),
} satisfies Record<string, Need>

export type NeedName = keyof typeof needs

/** Debian's packages whose programs are not there. */
export function missingPackages(): string[] {
  const isInstalled = (name: string) =>
    name === 'chromium' ? existsSync(chromiumPath()) : Bun.which(name) !== null
  return Object.values(needs).flatMap((need) =>
    'package' in need && !isInstalled(need.package) ? [need.package] : [],
  )
}

const known = new Map<NeedName, boolean>()

/** Finds out once a process whether it is there. */
export function has(name: NeedName): boolean {
  const answer = known.get(name) ?? needs[name].isThere()
  known.set(name, answer)
  return answer
}

/** Between a test's name and what is missing for it. */
export const SKIPPED = ' -- skipped: '

type Each = typeof test.each

/** What `needing()` has of `test`. */
interface Needing {
  (name: string, run: (() => void) | (() => Promise<unknown>), timeoutMs?: number): void
  each: Each
}

/**
 * `needing('curl')('a job by curl', async () => ...)` is a test that is skipped where there is no curl; `.each` as of
 * `test`.
 */
export function needing(...names: NeedName[]): Needing {
  const missing = names.filter((name) => !has(name)).map((name) => needs[name].otherwise)
  if (missing.length === 0) return test
  const skipped = test.if(false)
  const named = (name: string) => `${name}${SKIPPED}${missing.join('; ')}`
  const each = (rows: never[]) => {
    const define = skipped.each(rows)
    return (name: string, run: () => void) => define(named(name), run)
  }
  return Object.assign((name: string, run: () => void) => skipped(named(name), run), { each: each as Each })
}
