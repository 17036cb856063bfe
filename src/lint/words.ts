/** The words of a name: `currencyTransactions_2024` is ['currency', 'transactions', '2024']. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((it) => it !== '')
}
