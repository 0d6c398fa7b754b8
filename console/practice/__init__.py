"""Everything that stands in for a real city while people practise on Trellis."""
