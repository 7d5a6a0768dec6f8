// Results of Avocado's resultsdb plugin are found by what their data says.

import type { Database } from 'bun:sqlite'

export function up(database: Database): void {
  // The beginning of a value: it may be a megabyte long. Other data than the plugin's has no entry.
  database.run(`CREATE INDEX test_data_by_value ON test_data(key, substr(value, 1, 64), test)
    WHERE category IN ('resultsdb', 'resultsdb list')`)
}
