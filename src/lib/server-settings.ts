// The settings that the parts of a running server need.

export interface ServerSettings {
  /** Anyone may write. */
  open: boolean
  /** Reading requires credentials, too. */
  private: boolean
  /** The IANA name of the time zone for times without one. */
  zone: string
  maxBodyBytes: number
  /** The largest body of an import, compressed. */
  maxImportBytes: number
  /** The largest file in an import. */
  maxFileBytes: number
  /** The most files in an import. */
  maxEntries: number
  /** Whether logs and other files are stored. */
  files: boolean
  /** How long a body may take to arrive; every 16 KiB of it add one second. */
  bodyTimeoutSeconds: number
  /** The most requests at the same time. */
  maxRequests: number
  /** Whether to trust the headers that a reverse proxy sets. */
  trustProxy: boolean
  /** Host names; a leading dot allows a domain and its hosts. undefined: any host. */
  allowedHosts: readonly string[] | undefined
}

/** The settings for maintenance. */
export interface MaintenanceSettings {
  /** The path of the database file. */
  database: string
  /** How long entries of the audit log are kept. */
  auditDays: number
  /** The folder for scheduled backups; undefined: none are made. */
  backupTo: string | undefined
  /** The time between two scheduled backups, in microseconds. */
  backupEvery: number
  /** How many scheduled backups to keep. */
  backupKeep: number
}
