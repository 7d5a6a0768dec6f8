// Sets of row ids. The ids of test cases and fail reasons are small numbers without large gaps, so a set is an array
// with a place for each id.

import type { Connection, Query } from '../../storage/query'

/** For each id some bits; 0: the set does not have the id. */
export type IdBits = Uint16Array

/** A row with a list of ids in JSON. One row is read faster than one row an id. */
export interface IdList {
  ids: string
}

export async function readIds<P>(
  connection: Connection,
  listed: Query<P, IdList>,
  parameters: P,
): Promise<number[]> {
  const row = await connection.first(listed, parameters)
  return row ? (JSON.parse(row.ids) as number[]) : []
}

export function setOf(ids: readonly number[]): IdBits {
  const bits = new Uint16Array(highestOf(ids) + 1)
  for (const id of ids) bits[id] = 1
  return bits
}

export function hasId(bits: IdBits | undefined, id: number | null): boolean {
  return bits === undefined || (id !== null && (bits[id] ?? 0) !== 0)
}

export function intersection(left: IdBits | undefined, right: IdBits | undefined): IdBits | undefined {
  if (!left || !right) return left ?? right
  return left.map((bits, id) => bits & (right[id] ?? 0))
}

/** The ids of a set, in ascending order. */
export function idsOf(bits: IdBits): number[] {
  const ids: number[] = []
  for (let id = 0; id < bits.length; id++) if (bits[id] !== 0) ids.push(id)
  return ids
}

export function highestOf(ids: readonly number[]): number {
  let highest = 0
  for (const id of ids) if (id > highest) highest = id
  return highest
}
