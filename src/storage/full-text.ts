// The full-text search of the engine that stores the data.

export { ENTRY_ID, matches, searchPattern } from './sqlite/full-text'
