#pragma once

namespace likeness::net {

/// The slope of value() in `number`, by its values `step` above and below.
template <class Number, class Value>
double difference_quotient(Number& number, Number step, const Value& value) {
  const Number was = number;
  number = was + step;
  const double above = value().template item<double>();
  number = was - step;
  const double below = value().template item<double>();
  number = was;
  return (above - below) / (2 * static_cast<double>(step));
}

}  // namespace likeness::net
