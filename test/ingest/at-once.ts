// The formats read in one go: the server lets others have their turns in between.

import { readJournal } from '../../src/ingest/formats/journal'
import { readResultsJson } from '../../src/ingest/formats/results-json'
import { readResultsWithJournal } from '../../src/ingest/formats/results-with-journal'
import { readTap } from '../../src/ingest/formats/tap'
import { readXunit } from '../../src/ingest/formats/xunit'
import { type Cooperative, runAtOnce } from '../../src/lib/cooperative'

const reader =
  <A extends unknown[], T>(read: (...given: A) => Cooperative<T>) =>
  (...given: A): T =>
    runAtOnce(read(...given))

export const parseJournal = reader(readJournal)
export const parseResultsJson = reader(readResultsJson)
export const parseResultsWithJournal = reader(readResultsWithJournal)
export const parseTap = reader(readTap)

const xunit = reader(readXunit)
export const parseXunit = (text: string, options: { zone: string }) =>
  xunit(new TextEncoder().encode(text), options)
