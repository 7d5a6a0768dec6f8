// Templates with equal numbers of words, as hashes: enough to find those that differ in one word only. A few bytes a word
// are kept in memory, so that a new template does not make anybody read all texts again.
//
// A text is known by the sum of the hashes of its words at their places. With another word at one place it is the sum less
// the hash of the old word, plus that of the new one. Two sums of 32 bits, of different seeds, take 64 bits together: among
// a hundred thousand templates of two hundred words two that differ have equal sums once in a million labs.

import { VALUE } from './mask'

/** Seeds nobody knows beforehand, so that nobody can make texts whose sums are equal. */
const SEEDS = crypto.getRandomValues(new Uint32Array(2))
/** Templates for which a table has room at first: a lab has tables of many lengths with a few templates each. */
const FIRST_SIZE = 8

/** A text as its two sums in one number. */
export type TextKey = number

function hashOf(word: string, at: number, seed: number): number {
  return Bun.hash.xxHash32(word, (seed + Math.imul(at + 1, 0x9e3779b1)) >>> 0)
}

/** 53 bits of the two sums. */
function keyOf(low: number, high: number): TextKey {
  return (low >>> 0) * 2 ** 21 + (high >>> 11)
}

/** Members of one group: indices of templates that are alike but for the word at one place. */
export type Group = { key: TextKey; place: number; members: number[] }

export class WordTable {
  /** Of the templates, by their index. */
  readonly ids: number[] = []
  /** The work so far: how many places of its hash tables groupsAt() looked at. */
  probes = 0
  private low: Uint32Array
  private high: Uint32Array
  private sums: Uint32Array
  /** The hashes of a value at each place. */
  private readonly values: Uint32Array

  constructor(readonly length: number) {
    this.low = new Uint32Array(FIRST_SIZE * length)
    this.high = new Uint32Array(FIRST_SIZE * length)
    this.sums = new Uint32Array(FIRST_SIZE * 2)
    this.values = new Uint32Array(length * 2)
    for (let at = 0; at < length; at++) {
      this.values[2 * at] = hashOf(VALUE, at, SEEDS[0] ?? 0)
      this.values[2 * at + 1] = hashOf(VALUE, at, SEEDS[1] ?? 0)
    }
  }

  /** How many words it holds. */
  get words(): number {
    return this.ids.length * this.length
  }

  add(id: number, words: readonly string[]): void {
    const index = this.ids.push(id) - 1
    if (index * 2 >= this.sums.length) this.grow()
    let [low, high] = [0, 0]
    for (let at = 0; at < this.length; at++) {
      const word = words[at] ?? ''
      const place = index * this.length + at
      this.low[place] = hashOf(word, at, SEEDS[0] ?? 0)
      this.high[place] = hashOf(word, at, SEEDS[1] ?? 0)
      low += this.low[place] ?? 0
      high += this.high[place] ?? 0
    }
    this.sums[2 * index] = low
    this.sums[2 * index + 1] = high
  }

  private grow(): void {
    const larger = (array: Uint32Array) => {
      const grown = new Uint32Array(array.length * 2)
      grown.set(array)
      return grown
    }
    this.low = larger(this.low)
    this.high = larger(this.high)
    this.sums = larger(this.sums)
  }

  /** The text of a template. */
  textKey(index: number): TextKey {
    return keyOf(this.sums[2 * index] ?? 0, this.sums[2 * index + 1] ?? 0)
  }

  /** @param least  smaller groups are left out. */
  groupsAt(place: number, least: number): Group[] {
    const count = this.ids.length
    if (count < least) return []
    const mask = 2 ** Math.ceil(Math.log2(count * 2)) - 1
    const slots = new Int32Array(mask + 1).fill(-1)
    const next = new Int32Array(count).fill(-1)
    const sizes = new Int32Array(count)
    const keys = new Float64Array(count)
    const valueLow = this.values[2 * place] ?? 0
    const valueHigh = this.values[2 * place + 1] ?? 0
    for (let index = 0; index < count; index++) {
      const low = this.low[index * this.length + place] ?? 0
      const high = this.high[index * this.length + place] ?? 0
      if (low === valueLow && high === valueHigh) continue
      const restLow = ((this.sums[2 * index] ?? 0) - low + valueLow) >>> 0
      const key = keyOf(restLow, ((this.sums[2 * index + 1] ?? 0) - high + valueHigh) >>> 0)
      keys[index] = key
      let slot = restLow & mask
      for (;;) {
        this.probes++
        const first = slots[slot] ?? -1
        if (first < 0) {
          slots[slot] = index
          sizes[index] = 1
          break
        }
        if (keys[first] === key) {
          next[index] = next[first] ?? -1
          next[first] = index
          sizes[first] = (sizes[first] ?? 0) + 1
          break
        }
        slot = (slot + 1) & mask
      }
    }
    const groups: Group[] = []
    for (const first of slots) {
      if (first < 0 || (sizes[first] ?? 0) < least) continue
      const members: number[] = []
      for (let index = first; index >= 0; index = next[index] ?? -1) members.push(index)
      groups.push({ key: keys[first] ?? 0, place, members })
    }
    return groups
  }
}
