// Finds words of templates that are values, though they do not look like one: names of guests, of volumes, of users.
// Templates that differ in one word only are one, if many words were seen there and none of them often.

import { VALUE } from './mask'

/** So many different words are values ... */
export const LEAST_WORDS = 8
/** ... if there are at most so many different reasons for each of them. A verb or an option has more. */
export const MOST_REASONS = 2
export const FEWEST_WORDS_OF_TEXT = 3
export const MOST_WORDS_OF_TEXT = 200
/** The first word of a short text says what it is about. */
export const FEWEST_WORDS_BEHIND_FIRST = 5

export interface Template {
  /** See maskReason(). */
  text: string
  /** How many different fail reasons have it; 0: it is a name of a cluster only, or was one. */
  reasons: number
}

/**
 * The text of the cluster of each template that belongs to one with more members: the template with `<*>` in place of the
 * word. Where several such clusters have a member in common they are one, named by the widest.
 *
 * The result depends on the set of templates and their numbers only, not on their order. It takes time in proportion to
 * the words of all templates. Clusters only have members with equal numbers of words.
 */
export function findHoles(templates: Iterable<Template>): Map<string, string> {
  const splits = [...templates]
    .filter(({ reasons }) => reasons > 0)
    .map((template) => ({ ...template, words: template.text.split(' ') }))
    .filter(({ words }) => words.length >= FEWEST_WORDS_OF_TEXT && words.length <= MOST_WORDS_OF_TEXT)
  const parents = new Map<string, string>()
  for (const [length, same] of Map.groupBy(splits, ({ words }) => words.length)) {
    linkHoles(holesOf(same, length), parents)
  }
  return parents
}

interface Split extends Template {
  words: readonly string[]
}

interface Hole {
  /** The template with `<*>` for the word. */
  text: string
  members: readonly string[]
}

/** @param splits  of `length` words each. */
function holesOf(splits: readonly Split[], length: number): Hole[] {
  if (splits.length < LEAST_WORDS) return []
  const holes = new Map<string, Set<string>>()
  const hashes = splits.map(({ words }) => hashWords(words))
  for (let at = length < FEWEST_WORDS_BEHIND_FIRST ? 1 : 0; at < length; at++) {
    for (const [text, members] of holesAt(splits, hashes, at)) {
      // The same text with a hole elsewhere: both are one on the wire.
      const known = holes.get(text) ?? new Set()
      for (const member of members) known.add(member)
      holes.set(text, known)
    }
  }
  return [...holes].map(([text, members]) => ({ text, members: [...members] }))
}

/** Holes at the word `at`. Texts are put together only for groups that are large enough, so that long ones cost little. */
function* holesAt(
  splits: readonly Split[],
  hashes: readonly WordHashes[],
  at: number,
): Generator<[string, string[]]> {
  const groups = new Map<number, Split[]>()
  splits.forEach((split, index) => {
    if (split.words[at] === VALUE) return
    const { sum = 0, words = [] } = hashes[index] ?? {}
    const rest = (sum - (words[at] ?? 0)) >>> 0
    const group = groups.get(rest)
    if (group) group.push(split)
    else groups.set(rest, [split])
  })
  for (const group of groups.values()) {
    if (group.length < LEAST_WORDS) continue
    for (const [text, members] of Map.groupBy(group, ({ words }) => words.with(at, VALUE).join(' '))) {
      const reasons = members.reduce((sum, member) => sum + member.reasons, 0)
      if (members.length < LEAST_WORDS || reasons > MOST_REASONS * members.length) continue
      yield [text, members.map((member) => member.text)]
    }
  }
}

interface WordHashes {
  /** A hash of each word and its place. */
  words: Uint32Array
  /** Their sum, of which one word can be taken away. Modulo 2^32. */
  sum: number
}

function hashWords(words: readonly string[]): WordHashes {
  const hashes = Uint32Array.from(words, (word, at) => Bun.hash.xxHash32(word, at))
  return { words: hashes, sum: hashes.reduce((sum, hash) => (sum + hash) >>> 0, 0) }
}

/** Gives all that belongs together the name of its widest hole, and puts that into `parents`. */
function linkHoles(holes: readonly Hole[], parents: Map<string, string>): void {
  const sorted = holes.toSorted((a, b) => b.members.length - a.members.length || (a.text < b.text ? -1 : 1))
  const names = new Map<string, string>()
  /** The name of the cluster so far; short ways make the next search short. */
  const find = (text: string): string => {
    let name = text
    for (let next = names.get(name); next !== undefined; next = names.get(name)) name = next
    for (let step = text; step !== name; ) {
      const next = names.get(step) ?? name
      names.set(step, name)
      step = next
    }
    return name
  }
  const rank = new Map(sorted.map(({ text }, index) => [text, index]))
  for (const hole of sorted) {
    for (const member of hole.members) {
      const [one, two] = [find(hole.text), find(member)]
      if (one === two) continue
      const [name, other] =
        (rank.get(one) ?? holes.length) < (rank.get(two) ?? holes.length) ? [one, two] : [two, one]
      names.set(other, name)
    }
  }
  for (const { members } of holes) {
    for (const member of members) {
      const name = find(member)
      if (name !== member) parents.set(member, name)
    }
  }
}
