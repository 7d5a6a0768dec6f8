// What parts of a running server are told of its settings.

export interface ServerSettings {
  /** Anyone may write. */
  open: boolean
  /** Reading wants credentials, too. */
  private: boolean
  /** Where times without a zone are read: an IANA name. */
  zone: string
  maxBodyBytes: number
  /** Of imports, packed. */
  maxImportBytes: number
  /** Of one file of an import. */
  maxFileBytes: number
  /** Files that an import may have. */
  maxEntries: number
  /** Whether logs and other files are kept. */
  files: boolean
  /** How long a body may take to come, and a second longer for every 16 KiB of it. */
  bodyTimeoutSeconds: number
  /** How many requests may be under way. */
  maxRequests: number
  /** Whether what a proxy in front of the server says about a request is believed. */
  trustProxy: boolean
  /** Names of hosts, and with a dot in front of domains; undefined: any. */
  allowedHosts: readonly string[] | undefined
}

/** What maintenance is told of the settings. */
export interface MaintenanceSettings {
  /** The file. */
  database: string
  /** How long entries of the audit log are kept. */
  auditDays: number
  /** The folder for scheduled backups; undefined: none are made. */
  backupTo: string | undefined
  /** From one scheduled backup to the next, in microseconds. */
  backupEvery: number
  /** How many scheduled backups stay. */
  backupKeep: number
}
