"""Small real data that load with no network. Sources and licences: LICENCES.md in this folder."""

from .loaders import load_digits, load_heartbeat, load_photo, load_temperatures, load_vowels

__all__ = ["load_digits", "load_heartbeat", "load_photo", "load_temperatures", "load_vowels"]
