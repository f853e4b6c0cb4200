"""Which data is sensitive, and which is not: by the field, its thing and what the whole text is about."""

import pytest

from tests.features.test_lifecycles import understood

P, H = "personal", "health"
FIELDS = (
    ("Rooms", "A room has a name and a floor. Clerks add a room.", "room name", None),
    ("Events", "An event has a name and a venue. Organisers create an event.", "event name", None),
    ("Plans", "A plan has a name and a price. Clerks add a plan.", "plan name", None),
    ("Samples", "A sample has a barcode and a storage location. Technicians register a sample.", "sample storage_location", None),
    ("Incidents", "An incident has a title and a service name. Engineers report an incident.", "incident service_name", None),
    ("Suppliers", "A contract has a supplier and a value. Buyers add a contract.", "contract supplier", None),
    ("Venues", "A venue has an address and a capacity. Organisers add a venue.", "venue address", None),
    ("Animals", "An animal has a name and a birth date. Volunteers add an animal.", "animal birth_date", None),
    ("Vans", "A van has a licence plate and a payload. Dispatchers add a van.", "van licence_plate", None),
    ("Visits of the vet", "A visit has a dog, a time and a reason. Owners book a visit at the vet.", "visit reason", None),
    ("Requests", "A request has an amount and a reason. Employees submit a request.", "request reason", None),
    ("Trips", "A trip has a driver and a distance. Dispatchers record a trip.", "trip driver", P),
    ("Vans", "A van has a licence plate, a driver and a payload. Dispatchers add a van.", "van licence_plate", P),
    ("Vans", "A van has a licence plate. A trip has a van, a driver and a distance. Dispatchers record a trip.", "van licence_plate", P),
    ("Permits", "A permit has a licence plate and a zone. Residents request a permit.", "permit licence_plate", P),
    ("Patients", "A patient has a name and a phone number. Clerks add a patient.", "patient name", P),
    ("Patients", "A patient has a name and a phone number. Clerks add a patient.", "patient phone_number", P),
    ("Lessons", "A lesson has an attendee and a level. Clerks add a lesson.", "lesson attendee", P),
    ("Donations", "A donation has an amount, an e-mail address and a name. Donors make a donation.", "donation name", P),
    ("Orders", "An order has a delivery address and a total. Customers place an order.", "order delivery_address", P),
    ("Orders", "An order has a customer name and a total. Clerks enter an order.", "order customer_name", P),
    ("Accounts", "An account has an e-mail address and a date of birth. Users create an account.", "account birth_date", P),
    ("Appointments at the clinic", "An appointment has a practitioner, a start and a reason. Patients book an appointment.", "appointment reason", H),
    ("Appointments at the clinic", "An appointment has a practitioner, a start and a reason. Patients book an appointment.", "appointment practitioner", P),
    ("Blood samples", "A sample has a barcode and a note. Technicians register a sample of blood.", "sample note", H),
    ("Referrals", "A referral has a diagnosis. Doctors write a referral.", "referral diagnosis", H),
)  # fmt: skip


@pytest.mark.parametrize(("title", "text", "place", "kind"), FIELDS)
def test_a_field_is_as_sensitive_as_what_it_is_about(title: str, text: str, place: str, kind: str | None) -> None:
    thing, name = place.split()
    resource = next(r for r in understood(text, title).resources if r.name == thing)
    assert {f.name: f.sensitive for f in resource.fields}[name] == kind
