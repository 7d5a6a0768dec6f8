// Parses lists of installed packages, as Avocado's sysinfo, rpm and dpkg write them.

import type { NewComponent } from '../../results/environments/model'
import { UNKNOWN } from '../../storage/seed-data'

const RPM_ARCH =
  'noarch|x86_64|i[3-6]86|aarch64|armv\\w+|ppc64|ppc64le|ppc|s390x?|riscv64|loongarch64|mips\\w*|sparc\\w*|ia64|src'
const RPM = new RegExp(`^(.+)-([^-]+)-([^-]+)\\.(${RPM_ARCH})$`)
/** `gpg-pubkey-a15b79cc-63d04c2c`, to which `rpm -qa` may add `.(none)`. */
const RPM_WITHOUT_ARCH = /^(.+)-([^-]+)-([^-]+?)(?:\.\(none\))?$/
/** `ii  zlib1g:amd64  1:1.2.13.dfsg-1  amd64  compression library - runtime` */
const DPKG_L = /^([a-z]{2}[A-Z]?) +(\S+) +(\S+) +(\S+)(?: .*)?$/
const DPKG_L_HEADER = /^(Desired=|\||\+\+\+-)/
/** An architecture begins with a letter. `bsdutils-1:2.38.1-5` has an epoch, which is a number, and no architecture. */
const DEB_WITH_ARCH = /^(.+):([a-z][a-z0-9-]*?)-(\d.*)$/

export interface Packages {
  components: NewComponent[]
  /** Lines that are not packages. */
  unrecognised: string[]
}

/** Parses a list. The format is detected from all lines together. */
export function parsePackages(text: string): Packages {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const rpms = lines.filter((line) => RPM.test(line)).length
  const parse = lines.some((line) => DPKG_L_HEADER.test(line) || /^ii {2}\S/.test(line))
    ? parseDpkgLine
    : rpms * 2 > lines.length
      ? parseRpm
      : parseDebian
  const components: NewComponent[] = []
  const unrecognised: string[] = []
  for (const line of lines) {
    const component = parse(line)
    if (component) components.push(component)
    else if (component === undefined) unrecognised.push(line)
  }
  return { components, unrecognised }
}

function parseRpm(line: string): NewComponent | undefined {
  const match = RPM.exec(line) ?? RPM_WITHOUT_ARCH.exec(line)
  if (!match) return undefined
  const [, name = '', version = '', release = '', arch = UNKNOWN] = match
  return { name, version, release, checksum: '', kind: 'rpm', arch }
}

/** @returns null for a package that is listed but not installed. */
function parseDpkgLine(line: string): NewComponent | null | undefined {
  if (DPKG_L_HEADER.test(line)) return null
  const [, state, name = '', version = '', arch = ''] = DPKG_L.exec(line) ?? []
  if (!state) return undefined
  return state[1] === 'i' ? debComponent(name.replace(/:[^:]*$/, ''), version, arch) : null
}

/**
 * Parses `name[:arch]-version[-release]`. Without an architecture the end of the name is ambiguous, so the last one or
 * two parts that begin with a digit are taken for version and release.
 */
function parseDebian(line: string): NewComponent | undefined {
  if (/\s/.test(line)) return undefined
  const [, named = '', arch = '', version = ''] = DEB_WITH_ARCH.exec(line) ?? []
  if (version !== '') return debComponent(named, version, arch)
  const parts = line.split('-')
  const isNumber = (part: string | undefined) => part !== undefined && /^\d/.test(part)
  const count = isNumber(parts.at(-1)) ? (parts.length > 2 && isNumber(parts.at(-2)) ? 2 : 1) : 0
  if (count === 0 || parts.length <= count) return undefined
  return debComponent(parts.slice(0, -count).join('-'), parts.slice(-count).join('-'), UNKNOWN)
}

/** @param whole  Debian's version, with the release after the last `-`. */
function debComponent(name: string, whole: string, arch: string): NewComponent | undefined {
  if (name === '') return undefined
  const end = whole.lastIndexOf('-')
  const version = end < 0 ? whole : whole.slice(0, end)
  const release = end < 0 ? '' : whole.slice(end + 1)
  return { name, version, release, checksum: '', kind: 'deb', arch }
}
