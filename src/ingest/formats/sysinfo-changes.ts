// Compares the machine before and after a job: lines of sysinfo that were removed or added.

import type { NewDatum } from '../../results/data/queries'
import { type FileReading, firstCodePoints } from './reading'

const CATEGORY = 'sysinfo changes'
/** Longer files are not compared; they are stored as files of the job. */
const MAX_COMPARED = 1024 * 1024
const MAX_CHARACTERS = 16 * 1024
/** Changed files of a job. */
const MAX_CHANGED = 200
const PACKAGES = ['post/added_packages', 'removed_packages']

/** @param files  by their paths in the sysinfo folder. */
export function readChanges(files: ReadonlyMap<string, string>, reading: FileReading): NewDatum[] {
  const data: NewDatum[] = []
  for (const [path, text] of files) {
    const name = /^post\/(.*)$/s.exec(path)?.[1]
    const before = files.get(`pre/${name}`)
    const changes = PACKAGES.includes(path)
      ? text.trim()
      : before === undefined || before === text
        ? ''
        : changedLines(before, text)
    if (changes === '') continue
    if (data.length >= MAX_CHANGED) {
      reading.warnOnce('changes', `of what has changed the first ${MAX_CHANGED} files were stored.`)
      break
    }
    const key = reading.name(name ?? path, 'name of a file')
    data.push({ category: CATEGORY, key, value: shortened(reading.text(changes)) })
  }
  return data
}

/** Lines that only one text has, with `-` or `+`. Repeated lines are counted, and their order does not matter. */
function changedLines(before: string, after: string): string {
  if (Math.max(before.length, after.length) > MAX_COMPARED) return ''
  const [oldLines, newLines] = [before.split('\n'), after.split('\n')]
  const removed = linesOnlyIn(oldLines, newLines).map((line) => `-${line}`)
  const added = linesOnlyIn(newLines, oldLines).map((line) => `+${line}`)
  return [...removed, ...added].join('\n')
}

function linesOnlyIn(lines: string[], others: string[]): string[] {
  const counts = new Map<string, number>()
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0
    if (left > 0) counts.set(line, left - 1)
    return left === 0
  })
}

function shortened(text: string): string {
  const short = firstCodePoints(text, MAX_CHARACTERS)
  return short.length < text.length ? `${short}\n...` : text
}
