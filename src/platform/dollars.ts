/** '$12.50', '$0.0033', '$0.00': cents, and below a cent two figures that count. */
export function dollars(amount: number): string {
  const size = Math.abs(amount);
  const digits = size === 0 || size >= 0.01 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(size)));
  return `${amount < 0 ? '-' : ''}$${size.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
