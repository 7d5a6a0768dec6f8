// The table of all settings, from which the command line, --help and docs/settings.md are made. A flag beats its
// environment variable, and the variable beats the default.

import { Option } from 'commander'
import { isZone, machineZone, parseDuration } from '../lib/time'
import type { Durability } from '../storage/sqlite/connection'

/** The group of commands that a setting belongs to: commands that serve, or that send to a server. */
export type Group = 'serving' | 'sending'

export interface Setting<T> {
  /** In commander's syntax; a value in <angle brackets> is required. */
  flag: string
  variable: string
  description: string
  /** As a user would write it. */
  default: string
  /** The flag may be given several times; parse() gets the values, one a line. */
  repeatable?: true
  /** The commands that have the setting; all commands if absent. */
  commands?: readonly Group[]
  /** @throws Error whose message follows the name of the flag or variable in the sentence for the user. */
  parse(text: string): T
}

const MACHINE_ZONE = "the machine's"
const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export const settings = {
  database: {
    flag: '--database <path>',
    variable: 'AVOCADO_SERVER_DATABASE',
    description: 'the database file',
    default: './avocadoserver.sqlite',
    parse: parseNonEmpty,
  },
  zone: {
    flag: '--time-zone <name>',
    variable: 'AVOCADO_SERVER_TIME_ZONE',
    description: 'where times that come without a zone are read, such as America/Chicago',
    default: MACHINE_ZONE,
    parse(text) {
      if (text === MACHINE_ZONE) return machineZone()
      if (!isZone(text))
        throw new Error(`"${text}" is no time zone: give a name such as Europe/Prague or UTC`)
      return text
    },
  },
  logLevel: {
    flag: '--log-level <level>',
    variable: 'AVOCADO_SERVER_LOG_LEVEL',
    description: `what goes to standard error: ${logLevels.join(', ')}; debug has a line for every request`,
    default: 'info',
    parse(text) {
      const level = logLevels.find((known) => known === text)
      if (!level) throw new Error(`"${text}" is none of ${logLevels.join(', ')}`)
      return level
    },
  },
  open: {
    flag: '--open',
    variable: 'AVOCADO_SERVER_OPEN',
    description: 'let anyone write, without credentials',
    default: 'off',
    commands: ['serving'],
    parse: parseSwitch,
  },
  private: {
    flag: '--private',
    variable: 'AVOCADO_SERVER_PRIVATE',
    description: 'ask for credentials to read, too',
    default: 'off',
    commands: ['serving'],
    parse: parseSwitch,
  },
  durability: {
    flag: '--durability <level>',
    variable: 'AVOCADO_SERVER_DURABILITY',
    description:
      'full: what was acknowledged survives a power cut; normal: faster, and it may lose the last of it',
    default: 'full',
    commands: ['serving'],
    parse(text) {
      if (text !== 'full' && text !== 'normal') throw new Error(`"${text}" is neither full nor normal`)
      return text as Durability
    },
  },
  maxBodyBytes: {
    flag: '--max-body <size>',
    variable: 'AVOCADO_SERVER_MAX_BODY',
    description: 'the largest request body, such as 16MiB',
    default: '16MiB',
    commands: ['serving'],
    parse: parseSize,
  },
  maxImportBytes: {
    flag: '--max-import <size>',
    variable: 'AVOCADO_SERVER_MAX_IMPORT',
    description: 'the largest import, packed',
    default: '4GiB',
    commands: ['serving'],
    parse: parseSize,
  },
  maxFileBytes: {
    flag: '--max-file <size>',
    variable: 'AVOCADO_SERVER_MAX_FILE',
    description: 'the largest file of an import',
    default: '512MiB',
    commands: ['serving'],
    parse: parseSize,
  },
  maxEntries: {
    flag: '--max-entries <number>',
    variable: 'AVOCADO_SERVER_MAX_ENTRIES',
    description: 'how many files an import may have',
    default: '100000',
    commands: ['serving'],
    parse: parseCount,
  },
  bodyTimeoutSeconds: {
    flag: '--body-timeout <seconds>',
    variable: 'AVOCADO_SERVER_BODY_TIMEOUT',
    description: 'how long a request body may take to come, and a second longer for every 16 KiB of it',
    default: '30',
    commands: ['serving'],
    parse: parsePositive,
  },
  queryTimeout: {
    flag: '--query-timeout <seconds>',
    variable: 'AVOCADO_SERVER_QUERY_TIMEOUT',
    description: 'how long the database may take to find what a request asks for',
    default: '10',
    commands: ['serving'],
    parse: parsePositive,
  },
  maxRequests: {
    flag: '--max-requests <number>',
    variable: 'AVOCADO_SERVER_MAX_REQUESTS',
    description: 'how many requests may be under way at the same time, readers of events among them',
    default: '4096',
    commands: ['serving'],
    parse: parsePositive,
  },
  tlsCert: {
    flag: '--tls-cert <file>',
    variable: 'AVOCADO_SERVER_TLS_CERT',
    description: 'speak TLS with this certificate (PEM, the chain behind it); SIGHUP reads it again',
    default: 'none',
    commands: ['serving'],
    parse: (text) => (text === 'none' ? undefined : text),
  },
  tlsKey: {
    flag: '--tls-key <file>',
    variable: 'AVOCADO_SERVER_TLS_KEY',
    description: 'the private key of the certificate (PEM, without a passphrase)',
    default: 'none',
    commands: ['serving'],
    parse: (text) => (text === 'none' ? undefined : text),
  },
  trustProxy: {
    flag: '--trust-proxy',
    variable: 'AVOCADO_SERVER_TRUST_PROXY',
    description: 'believe the X-Forwarded-For, -Proto and -Host of the proxy in front of the server',
    default: 'off',
    commands: ['serving'],
    parse: parseSwitch,
  },
  allowedHosts: {
    flag: '--allowed-hosts <names>',
    variable: 'AVOCADO_SERVER_ALLOWED_HOSTS',
    description: 'the host names to answer to, such as lab,.example.com (a dot: all below it)',
    default: 'any',
    commands: ['serving'],
    parse: parseHosts,
  },
  minFree: {
    flag: '--min-free <size>',
    variable: 'AVOCADO_SERVER_MIN_FREE',
    description: 'what is kept free on the disk: with less, nothing is stored; 0 for no limit',
    default: '512MiB',
    commands: ['serving'],
    parse: (text) => (text === '0' ? 0 : parseSize(text)),
  },
  backupTo: {
    flag: '--backup-to <folder>',
    variable: 'AVOCADO_SERVER_BACKUP_TO',
    description: 'where to put a backup every now and then, such as a folder on another disk',
    default: 'none',
    commands: ['serving'],
    parse: (text) => (text === 'none' ? undefined : parseNonEmpty(text)),
  },
  backupEvery: {
    flag: '--backup-every <duration>',
    variable: 'AVOCADO_SERVER_BACKUP_EVERY',
    description: 'how much time is between two of them: 90d, 12h, 30m, 2w',
    default: '1d',
    commands: ['serving'],
    parse(text) {
      const duration = parseDuration(text)
      if (!duration) throw new Error(`"${text}" is no duration such as 1d, 12h or 30m`)
      return duration
    },
  },
  backupKeep: {
    flag: '--backup-keep <number>',
    variable: 'AVOCADO_SERVER_BACKUP_KEEP',
    description: 'how many of them stay; older ones are deleted when a new one is whole',
    default: '7',
    commands: ['serving'],
    parse(text) {
      const count = parseCount(text)
      if (count === 0) throw new Error('at least one has to stay')
      return count
    },
  },
  files: {
    flag: '--no-files',
    variable: 'AVOCADO_SERVER_FILES',
    description: 'leave logs and other files out: neither keep nor send them',
    default: 'on',
    commands: ['serving', 'sending'],
    parse: parseSwitch,
  },
  auditDays: {
    flag: '--audit-days <number>',
    variable: 'AVOCADO_SERVER_AUDIT_DAYS',
    description: 'for how many days the audit log is kept',
    default: '365',
    commands: ['serving'],
    parse: parseCount,
  },
  url: {
    flag: '--url <url>',
    variable: 'AVOCADO_SERVER_URL',
    description: 'where to send to: http://server:9405',
    default: 'none',
    commands: ['sending'],
    parse: (text) => (text === 'none' ? undefined : text),
  },
  token: {
    flag: '--token <token>',
    variable: 'AVOCADO_SERVER_TOKEN',
    description: 'a token of the server, in place of user and password',
    default: 'none',
    commands: ['sending'],
    parse: (text) => (text === 'none' ? undefined : text),
  },
  tokenFile: {
    flag: '--token-file <file>',
    variable: 'AVOCADO_SERVER_TOKEN_FILE',
    description: 'a file with such a token, which only its owner may read',
    default: 'none',
    commands: ['sending'],
    parse: (text) => (text === 'none' ? undefined : parseNonEmpty(text)),
  },
  label: {
    flag: '--label <key=value>',
    variable: 'AVOCADO_SERVER_LABELS',
    description:
      'a label of the job, any number of times; in the variable with a comma between them, and `\\,` for one in a value',
    default: 'none',
    commands: ['sending'],
    repeatable: true,
    parse: (text) => (text === 'none' ? [] : parseLabels(text)),
  },
  patience: {
    flag: '--patience <seconds>',
    variable: 'AVOCADO_SERVER_PATIENCE',
    description: 'for how many seconds to go on trying while the server is away',
    default: '120',
    commands: ['sending'],
    parse: parseCount,
  },
} satisfies Record<string, Setting<unknown>>

export type Settings = { [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['parse']> }

/** A setting has an invalid value: wrong usage of the program. */
export class InvalidSetting extends Error {}

/**
 * Reads all settings from flags, environment variables and defaults.
 *
 * @param flags  the flags on the command line, as commander names them.
 * @throws InvalidSetting
 */
export function readSettings(
  flags: Record<string, unknown>,
  environment: Record<string, string | undefined>,
): Settings {
  const entries = Object.entries(settings).map(([name, setting]) => {
    const flag = flags[new Option(setting.flag).attributeName()]
    const variable = environment[setting.variable]
    const [origin, text] =
      flag !== undefined
        ? [setting.flag.split(' ')[0], flagText(flag)]
        : variable !== undefined
          ? [setting.variable, variable]
          : ['default', setting.default]
    try {
      return [name, setting.parse(text)]
    } catch (error) {
      throw new InvalidSetting(`${origin}: ${(error as Error).message}.`)
    }
  })
  const read: Settings = Object.fromEntries(entries)
  // A token on the command line (--token-file) beats a token in the environment (AVOCADO_SERVER_TOKEN).
  return flags.tokenFile !== undefined && flags.token === undefined ? { ...read, token: undefined } : read
}

function flagText(flag: unknown): string {
  if (typeof flag === 'boolean') return flag ? 'on' : 'off'
  return Array.isArray(flag) ? flag.join('\n') : String(flag)
}

/** @param text  `branch=main` or `branch:main`; several with a comma or a line break between them. */
function parseLabels(text: string): { key: string; value: string }[] {
  const [separator = '='] = /[=:]/.exec(text) ?? []
  // A value may contain commas: a comma separates labels only if another key follows, and `\,` never does.
  return text
    .split(new RegExp(`\\n|(?<!\\\\),(?=[A-Za-z0-9_.-]{1,64}${separator})`))
    .filter((label) => label !== '')
    .map((label) => {
      const [, key, value] =
        /^([A-Za-z0-9_.-]{1,64})[=:](.{1,255})$/s.exec(label.replaceAll('\\,', ',')) ?? []
      if (key === undefined || value === undefined)
        throw new Error(`"${label}" is no label such as branch=main`)
      return { key, value }
    })
}

function parseNonEmpty(text: string): string {
  if (text === '') throw new Error('must not be empty')
  return text
}

function parseSwitch(text: string): boolean {
  if (/^(on|1|true|yes)$/i.test(text)) return true
  if (/^(off|0|false|no|)$/i.test(text)) return false
  throw new Error(`"${text}" is neither on nor off`)
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is no whole number`)
  return Number(text)
}

function parsePositive(text: string): number {
  if (parseCount(text) === 0) throw new Error('must be at least 1')
  return Number(text)
}

function parseHosts(text: string): string[] | undefined {
  const hosts = text
    .toLowerCase()
    .split(',')
    .map((host) => host.trim())
  if (hosts.some((host) => host === '*') || text === 'any') return undefined
  const wrong = hosts.find((host) => !/^(\.?[a-z0-9_-][a-z0-9._-]*|\[[0-9a-f:.]+\])$/.test(host))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no host name such as lab or .example.com`)
  return hosts
}

const units = { '': 0, k: 1, m: 2, g: 3 } as const

function parseSize(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? []
  const bytes = Number(digits) * 1024 ** (units[unit?.toLowerCase() as keyof typeof units] ?? 0)
  if (!(bytes > 0 && Number.isSafeInteger(bytes))) throw new Error(`"${text}" is no size such as 16MiB`)
  return bytes
}
