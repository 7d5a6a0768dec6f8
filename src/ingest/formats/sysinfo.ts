// Reads Avocado's sysinfo: the environment of the tests, the host's name, and small files as data.

import type { NewDatum } from '../../results/data/queries'
import type { NewComponent, NewDistro, NewEnvironment } from '../../results/environments/model'
import { hostSources, type ReportedHost, readHostName } from '../../results/labels/hosts'
import { UNKNOWN } from '../../storage/seed-data'
import { parsePackages } from './packages'
import { FileReading, firstCodePoints } from './reading'
import { readChanges } from './sysinfo-changes'

const FOLDER = 'pre/'
/** Longer files are stored as files of the job only. */
const MAX_DATUM_BYTES = 16 * 1024
/** These files become components of the environment. */
const PACKAGE_LISTS = ['installed_packages', 'rpm -qa', 'dpkg -l']

export interface Sysinfo {
  /** null: the files do not describe it. */
  environment: NewEnvironment | null
  /** The machine, as it calls itself. null: the files do not tell. */
  host: ReportedHost | null
  /** Data of the job. */
  data: NewDatum[]
  warnings: string[]
}

/** @param files  by their paths in the sysinfo folder: `pre/uname -a`, `post/uname -a`, `removed_packages`. */
export function readSysinfo(files: ReadonlyMap<string, string>): Sysinfo {
  const reading = new FileReading('sysinfo')
  const before = new Map(
    [...files]
      .filter(([path, text]) => path.startsWith(FOLDER) && text.trim() !== '')
      .map(([path, text]) => [path.slice(FOLDER.length), reading.text(text)] as const),
  )
  return {
    environment: readEnvironment(before, reading),
    host: readHost(before),
    data: [...readData(before, reading), ...readChanges(files, reading)],
    warnings: reading.warnings,
  }
}

function readHost(files: Map<string, string>): ReportedHost | null {
  const hostname = readHostName(files.get('hostname'))
  if (hostname !== null) return { name: hostname, source: hostSources.hostname }
  const name = readHostName(files.get('uname -a')?.trim().split(/\s+/, 2)[1])
  return name === null ? null : { name, source: hostSources.uname }
}

function readData(files: Map<string, string>, reading: FileReading): NewDatum[] {
  const data: NewDatum[] = []
  for (const [name, value] of files) {
    if (PACKAGE_LISTS.includes(name) || Buffer.byteLength(value) > MAX_DATUM_BYTES) continue
    const key = reading.text(name)
    if (fits(key, 255) && key !== '') data.push({ category: 'sysinfo', key, value })
    else reading.warnOnce('key', 'a file whose name is longer than 255 characters did not become data.')
  }
  return data
}

function readEnvironment(files: Map<string, string>, reading: FileReading): NewEnvironment | null {
  const kernel = readKernel(files)
  const packages = PACKAGE_LISTS.flatMap((name) => {
    const { components, unrecognised } = parsePackages(files.get(name) ?? '')
    if (unrecognised.length > 0) {
      reading.warn(
        `${unrecognised.length} lines of ${name} are no packages: ${unrecognised[0]?.slice(0, 100)}`,
      )
    }
    return components
  })
  const distro = readDistro(files, packages)
  const components = distinct([...(kernel ? [kernel] : []), ...packages]).filter((component) => {
    const { kind, arch, ...texts } = component
    const stored = fits(kind, 20) && fits(arch, 20) && Object.values(texts).every((text) => fits(text, 255))
    if (!stored)
      reading.warnOnce('long', `a component was left out, it is too long: ${component.name.slice(0, 100)}`)
    return stored
  })
  if (components.length === 0 && distro.name === UNKNOWN && distro.arch === UNKNOWN) return null
  return { distro, installed_software_components: components }
}

/** `Linux host 6.5.6-300.fc39.x86_64 #1 SMP ... x86_64 x86_64 x86_64 GNU/Linux` */
function readKernel(files: Map<string, string>): NewComponent | undefined {
  const [system, , release] = (files.get('uname -a') ?? '').trim().split(/\s+/)
  if (!system || !release) return undefined
  const [, version, rest] = /^([^-]*)-?(.*)$/s.exec(release) as unknown as [string, string, string]
  return { name: system, version, release: rest, checksum: '', kind: 'kernel', arch: readArch(files) }
}

function readArch(files: Map<string, string>): string {
  const arch =
    /(\S+)\s+GNU\/Linux\s*$/.exec(files.get('uname -a')?.slice(0, 4096) ?? '')?.[1] ??
    /^Architecture:[ \t]*(\S+)/m.exec(files.get('lscpu') ?? '')?.[1]
  return arch !== undefined && fits(arch, 20) ? arch : UNKNOWN
}

/** The distribution according to os-release, or else to a package that every installation of it has. */
function readDistro(files: Map<string, string>, packages: NewComponent[]): NewDistro {
  const arch = readArch(files)
  const distro = fromOsRelease(files.get('os-release') ?? '') ?? fromPackages(packages)
  const { name, version, release } = distro ?? { name: UNKNOWN, version: '0', release: '0' }
  return [name, version, release].every((text) => fits(text, 255))
    ? { name, version, release, arch }
    : { name: UNKNOWN, version: '0', release: '0', arch }
}

type DistroName = Pick<NewDistro, 'name' | 'version' | 'release'>

function fromOsRelease(text: string): DistroName | undefined {
  const read = (key: string) => new RegExp(`^${key}=(["']?)(.*)\\1[ \\t\\r]*$`, 'm').exec(text)?.[2]
  const name = read('ID')
  if (!name) return undefined
  const [version = '', release = ''] = (read('VERSION_ID') ?? '').split('.')
  return { name, version: version || '0', release: release || '0' }
}

function fromPackages(packages: NewComponent[]): DistroName | undefined {
  for (const { name, version, release, kind } of packages) {
    // Debian 12.11 has `base-files-12.4+deb12u11`; there is no `+deb` before the first point release.
    if (kind === 'deb' && name === 'base-files') {
      const debian = /^\d+(?:\.\d+)*\+deb(\d+)u(\d+)$/.exec(version)
      if (debian) return { name: 'debian', version: debian[1] ?? '0', release: debian[2] ?? '0' }
      if (`${version}-${release}`.includes('ubuntu')) return { name: 'ubuntu', version: '0', release: '0' }
    }
    const red =
      kind === 'rpm' &&
      /^(fedora|centos|rocky|almalinux|redhat|opensuse)(-stream|-linux)?-release$/i.exec(name)
    if (red) {
      const [major = '0', minor = '0'] = version.split('.')
      return { name: (red[1] ?? UNKNOWN).toLowerCase(), version: major || '0', release: minor || '0' }
    }
  }
  return undefined
}

function distinct(components: NewComponent[]): NewComponent[] {
  return [...new Map(components.map((one) => [JSON.stringify(one), one])).values()]
}

/** Whether the text has at most `max` code points, the unit of the limits of environments. */
function fits(text: string, max: number): boolean {
  return firstCodePoints(text, max) === text
}
