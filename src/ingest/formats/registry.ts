// The formats that POST /imports/ accepts, one line each. Everything that lists formats uses this list: detection,
// reading, `?format=` and its error, the documentation of the API.

import type { Cooperative } from '../../lib/cooperative'
import type { ArchiveEntry, Inspection } from '../archive/entries'
import { readTar, readTarGz, readTarZst } from '../archive/tar'
import { readZip } from '../archive/zip'
import type { JobReport } from '../model'
import { readJobLine } from '../ndjson'
import {
  type Head,
  isGzip,
  isNdjson,
  isResultsJson,
  isSqliteFile,
  isTap,
  isTar,
  isXml,
  isZip,
  isZstd,
  toHead,
} from './detect'
import { readJournal } from './journal'
import { readResultsFile } from './results-json'
import { readTap } from './tap'
import { readXunit } from './xunit'

interface Format {
  /** Used in `?format=`, messages and metrics. */
  name: string
  /** Used in the documentation. */
  title: string
  /** Whether a file with this beginning has this format. If several formats match, the first in the list wins. */
  detect(head: Head): boolean
}

/** An archive of job directories. */
interface ArchiveFormat extends Format {
  /** @param folder  for temporary files. */
  readArchive(
    packed: ReadableStream<Uint8Array>,
    inspection: Inspection,
    folder: string,
  ): AsyncGenerator<ArchiveEntry>
}

/** @param bytes  of the document or of one line. @throws BadRequest, Invalid: what is wrong with them */
type ReadJob = (bytes: Uint8Array, options: { zone: string }) => Cooperative<JobReport>

/** A file with one job, read whole. */
interface DocumentFormat extends Format {
  readDocument: ReadJob
  /** The format has no job id, so the id is made from the content. */
  isAnonymous?: true
}

/** A file with one job a line. Jobs are stored while later lines arrive. */
interface LineFormat extends Format {
  readLine: ReadJob
}

export const formats = [
  { name: 'tar', title: 'tar', detect: isTar, readArchive: readTar },
  { name: 'gzip', title: 'tar.gz', detect: isGzip, readArchive: readTarGz },
  { name: 'zstd', title: 'tar.zst', detect: isZstd, readArchive: readTarZst },
  { name: 'zip', title: 'zip', detect: isZip, readArchive: readZip },
  { name: 'sqlite', title: '.journal.sqlite', detect: isSqliteFile, readDocument: readJournal },
  { name: 'xml', title: 'JUnit XML', detect: isXml, readDocument: readXunit, isAnonymous: true },
  { name: 'tap', title: 'TAP', detect: isTap, readDocument: readTap, isAnonymous: true },
  { name: 'results-json', title: 'results.json', detect: isResultsJson, readDocument: readResultsFile },
  { name: 'ndjson', title: 'NDJSON', detect: isNdjson, readLine: readJobLine },
] as const satisfies readonly (ArchiveFormat | DocumentFormat | LineFormat)[]

type Registered = (typeof formats)[number]
type NameOf<Kind> = Extract<Registered, Kind>['name']
export type ImportFormat = Registered['name']
export type ArchiveName = NameOf<ArchiveFormat>
export type LineName = NameOf<LineFormat>
/** Formats that are read from bytes in memory. */
export type DocumentName = NameOf<DocumentFormat> | LineName

export const formatNames: readonly ImportFormat[] = formats.map(({ name }) => name)

export function formatNamed<Name extends ImportFormat>(name: Name): Extract<Registered, { name: Name }> {
  return formats.find((format) => format.name === name) as Extract<Registered, { name: Name }>
}

/** The titles of the formats of job directories or of single files, for the documentation. */
export function titlesOf(kind: 'archive' | 'file'): string[] {
  return formats
    .filter((format) => 'readArchive' in format === (kind === 'archive'))
    .map(({ title }) => title)
}

/** @param head  the first bytes of a body. @returns undefined for an unknown format */
export function detectFormat(head: Uint8Array): ImportFormat | undefined {
  const beginning = toHead(head)
  return formats.find(({ detect }) => detect(beginning))?.name
}
